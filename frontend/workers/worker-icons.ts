import Building from "lucide-solid/icons/building";
import Cloud from "lucide-solid/icons/cloud";
import Container from "lucide-solid/icons/container";
import Chip from "lucide-solid/icons/cpu";
import Home from "lucide-solid/icons/house";
import Laptop from "lucide-solid/icons/laptop";
import Desktop from "lucide-solid/icons/monitor";
import Server from "lucide-solid/icons/server";
import type { IconComponent } from "../ui/icon.tsx";

export interface WorkerIcon {
  readonly name: string;
  readonly label: string;
  readonly icon: IconComponent;
}

const server: WorkerIcon = { name: "server", label: "Server", icon: Server };

/** The pictures of workers; what the hub stores is a name from this list, or nothing. */
export const workerIcons: readonly WorkerIcon[] = [
  { name: "laptop", label: "Laptop", icon: Laptop },
  { name: "desktop", label: "Desktop", icon: Desktop },
  server,
  { name: "cloud", label: "Cloud", icon: Cloud },
  { name: "container", label: "Container", icon: Container },
  { name: "chip", label: "Small board", icon: Chip },
  { name: "home", label: "Home", icon: Home },
  { name: "office", label: "Office", icon: Building },
];

/** The usual one for an empty name, and for one that a later version may know. */
export function workerIconOf(name: string): WorkerIcon {
  return workerIcons.find((each) => each.name === name) ?? server;
}
