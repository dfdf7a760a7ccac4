import type { Case } from "./case.ts";
import { cases as elementwise } from "./elementwise.ts";
import { cases as windows } from "./windows.ts";

/** Operator cases by family; one file each. */
export const FAMILIES: Readonly<Record<string, () => Case[]>> = { elementwise, windows };
