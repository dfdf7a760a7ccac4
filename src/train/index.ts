/** The entry `lanewise/train`: gradients, losses, optimisers and the training loop. */
export { differentiate } from "./differentiate.ts";
