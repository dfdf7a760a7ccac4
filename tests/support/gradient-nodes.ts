import { gradientNodes } from "#gradient-nodes";
import { expandBy } from "../../src/compile.ts";

// Tests open rooms by themselves; what entries of Node do for them is done here.
expandBy(gradientNodes);
