import type { Command } from "commander";
import type { DoctorRequest } from "./run-doctor.ts";

/** Whose value follows as the next token, besides those of the settings. */
export const doctorValueFlags = ["--url"];

const help = `
Without a name it looks at every data directory that LeapMux has in its usual place.
Exit code 0: nothing is wrong; 1: there are problems, or with --strict warnings.
Settings that a hub or worker got as flags are not known here: name them in its file.`;

export function addDoctorCommand(program: Command, asked: (request: DoctorRequest) => void): void {
  program
    .command("doctor")
    .usage("[hub|worker|solo|dev] [flags]")
    .description("Say what is wrong with a hub or a worker, and what to do about it")
    .argument("[kind]", "hub, worker, solo or dev (built-in: all that have run here)")
    .option("--data-dir <DIR>", "The data directory to look at")
    .option("--config <FILE>", "YAML file with the settings that it runs with")
    .option("--url <URL>", "Look from outside at this address of the hub")
    .option("--strict", "Warnings count as problems")
    .option("--json", "Print the result as JSON")
    .addHelpText("after", help)
    .action((kind: string | undefined, flags: DoctorRequest["flags"]) =>
      asked({ command: "doctor", kind, flags }),
    );
}
