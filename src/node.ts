/** `lanewise` in Node, where every entry has all. */
import { addTraining } from "./train/add-training.ts";

export * from "./index.ts";

addTraining();
