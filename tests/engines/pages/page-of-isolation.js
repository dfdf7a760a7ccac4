import { threading } from "lanewise/threads";
import { classify } from "./classify.js";
import { options, report } from "./report.js";

// Before, the page is about to be loaded again. The service worker goes, so that it isolates no page of other tests.
if (crossOriginIsolated)
  report(async () => {
    for (const registration of await navigator.serviceWorker.getRegistrations())
      await registration.unregister();
    return classify({ ...options, threading });
  });
