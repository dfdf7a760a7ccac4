/** The entry `lanewise/all` of browsers: lanewise with the operators and dtypes beyond vision. */
import { addExtra } from "./extra.ts";

export * from "./index.ts";

addExtra();
