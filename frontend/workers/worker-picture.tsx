import { Icon } from "../ui/icon.tsx";
import { workerIconOf } from "./worker-icons.ts";

export function WorkerPicture(props: { name: string }) {
  return <Icon of={workerIconOf(props.name).icon} />;
}
