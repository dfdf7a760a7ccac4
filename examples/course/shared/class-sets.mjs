// Data sets of some classes alone.
import { rowsOf } from "lanewise/inspect";
import { fromArrays } from "lanewise/train";

/** The samples of these classes, which become 0, 1, …: at most `most` of each, behind those that are skipped. */
export async function ofClasses(data, classes, most = Number.POSITIVE_INFINITY, skipped = 0) {
  const { rows, labels } = await rowsOf(data);
  const counts = new Map(classes.map((label) => [label, 0]));
  const chosen = labels.flatMap((label, i) => {
    const count = counts.get(label);
    if (count === undefined || count >= skipped + most) return [];
    counts.set(label, count + 1);
    return count < skipped ? [] : [i];
  });
  const size = rows[0].length;
  const x = new Float32Array(chosen.length * size);
  chosen.forEach((index, slot) => {
    x.set(rows[index], slot * size);
  });
  return fromArrays({
    name: `${data.name} of ${classes.join(", ")}`,
    x,
    y: chosen.map((index) => classes.indexOf(labels[index])),
    inputDims: data.inputDims,
    classes: classes.length,
  });
}
