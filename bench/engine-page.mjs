// The page of bench/engines.mjs: measures what its address says, and tells who serves it.
import { measureInPage } from "./page.mjs";

const tell = (message) => fetch("/", { method: "POST", body: JSON.stringify(message) });
try {
  await tell({ result: await measureInPage(JSON.parse(new URLSearchParams(location.search).get("job"))) });
} catch (error) {
  await tell({ error: String(error?.stack ?? error) });
}
