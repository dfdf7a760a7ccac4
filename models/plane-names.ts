/** What planes that have organised themselves stand for. */

/** The plane that answers loudest; -1 where all are silent. */
export function loudest(answers: ArrayLike<number>): number {
  let [plane, most] = [-1, 0];
  for (let i = 0; i < answers.length; i++)
    if ((answers[i] as number) > most) [plane, most] = [i, answers[i] as number];
  return plane;
}

/**
 * The class of each plane: the most frequent one among the pictures to which it answered loudest, -1 for a plane that never
 * did. Labels come in only here, after the learning.
 *
 * @param answers - Of all planes, for each picture.
 * @param labels - The class of each picture, from 0.
 */
export function namePlanes(
  answers: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
): readonly number[] {
  const planes = answers[0]?.length ?? 0;
  const classes = Math.max(...Array.from(labels)) + 1;
  const counts = Array.from({ length: planes }, () => new Array<number>(classes).fill(0));
  answers.forEach((answer, picture) => {
    const own = counts[loudest(answer)];
    if (own !== undefined) (own[labels[picture] as number] as number)++;
  });
  return counts.map((own) => {
    const most = Math.max(...own);
    return most === 0 ? -1 : own.indexOf(most);
  });
}
