import { createContext, useContext } from "solid-js";
import type { Actions } from "./actions.ts";
import type { AppContext } from "./context.ts";

export interface App extends AppContext {
  readonly actions: Actions;
}

export const SharedApp = createContext<App>();

/** What the page shares; only below <App />. */
export function useApp(): App {
  const app = useContext(SharedApp);
  if (!app) throw new Error("useApp outside of the app");
  return app;
}
