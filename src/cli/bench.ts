import { newCommand } from "./command.ts";
export const benchCommand = () => newCommand("bench", "x");
