import type { LowerContext } from "../context.ts";

/** Where each input is, by its name in the schema whose places these are. */
export const inputsOf =
  <Name extends string>(context: LowerContext<unknown>, places: Readonly<Record<Name, number>>) =>
  (name: Name) =>
    context.at(context.input(places[name]));

/** The same of outputs. */
export const outputsOf =
  <Name extends string>(context: LowerContext<unknown>, places: Readonly<Record<Name, number>>) =>
  (name: Name) =>
    context.at(context.output(places[name]));
