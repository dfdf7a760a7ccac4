import type { Attacked } from "./cases.ts";

export const FAULTS: Readonly<Record<string, { readonly attacked: Attacked }>> = {};
