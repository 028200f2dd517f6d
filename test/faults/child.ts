// One operation in a process of its own, which ends itself at the given moment: OPERATION DIRECTORY AT MOMENT.
// Prints the changes that it made when it came to its end.
import { armKillPoint, disarmKillPoint, interceptChanges, type Moment } from "./kill-points.ts";

interceptChanges();
const { carelessFault } = await import("./careless-fault.ts");
const { faultOperations } = await import("./fault-operations.ts");
const [name = "", directory = "", at = "", moment = ""] = process.argv.slice(2);
const operation = [...faultOperations, carelessFault].find((each) => each.name === name);
if (operation === undefined) throw new Error(`there is no operation ${name}`);
const run = await operation.start(directory);
armKillPoint({ at: Number(at), moment: moment as Moment });
await run();
console.log(JSON.stringify(disarmKillPoint()));
process.exit(0);
