import { answerOf } from "./ask.js";
import { report } from "./report.js";

report(async () => {
  const registration = await navigator.serviceWorker.register("/classic/service-worker.js");
  const worker = registration.installing ?? registration.active;
  if (worker.state !== "activated")
    await new Promise((resolve) =>
      worker.addEventListener("statechange", () => worker.state === "activated" && resolve()),
    );
  const result = await answerOf(worker);
  await registration.unregister();
  return result;
});
