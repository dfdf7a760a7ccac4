const query = new URLSearchParams(location.search);

/** The session options that the test wants. */
export const options = JSON.parse(query.get("options"));

/** Tells whoever serves the page what came of the work: its result, or what it threw. */
export async function report(work) {
  try {
    await send({ result: await work() });
  } catch (error) {
    await send({ error: String(error?.message ?? error) });
  }
}

const send = (message) => fetch(query.get("report"), { method: "POST", body: JSON.stringify(message) });
