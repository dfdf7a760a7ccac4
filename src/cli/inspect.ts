import { newCommand } from "./command.ts";
export const inspectCommand = () => newCommand("inspect", "x");
