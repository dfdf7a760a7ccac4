import { defineOp, required, sameAs, string } from "../define.ts";

/** Moves an image's channels last, or back: the logical value stays the same. Inserted by the layout pass only. */
export const relayout = defineOp({
  type: "Relayout",
  domain: "lanewise",
  since: [1],
  inputs: ["x"],
  attributes: { to: required(string()) },

  infer: (context) => [sameAs(context.fact(0))],
  evaluate: (context) => [context.tensor(0)],
});
