import type { MailSettings } from "../config/mail-settings.ts";
import { makeMailer, type Mailer } from "./mailer.ts";

/** The mailer of now: another one as soon as the settings are others. */
export interface LiveMailer {
  /** Null: this hub sends no mail. */
  current(): Mailer | null;
  close(): void;
}

export function makeLiveMailer(settings: () => MailSettings | null): LiveMailer {
  let madeFor: MailSettings | null = null;
  let mailer: Mailer | null = null;
  return {
    current() {
      const wanted = settings();
      if (wanted !== madeFor) {
        mailer?.close();
        mailer = wanted === null ? null : makeMailer(wanted);
        madeFor = wanted;
      }
      return mailer;
    },
    close: () => mailer?.close(),
  };
}
