import { addTraining } from "../../src/train/add-training.ts";

// Tests open rooms by themselves; what entries of Node do for them is done here.
addTraining();
