import { describe, expect, test } from "vitest";
import { answered, course } from "./run-course.ts";

describe("course: methods of training", { timeout: 240_000 }, () => {
  test("localisation: boxes are found by both losses, the mean box finds none", () => {
    const { number, tables, files } = course("localisation");
    // The best box for all covers a fifth of each on average: shapes lie anywhere.
    expect(number("baseline")).toBeLessThan(0.3);
    for (const loss of ["smoothL1", "giou"]) {
      expect(number(loss), loss).toBeGreaterThan(0.5);
      expect(number(`${loss}Found`), loss).toBeGreaterThan(0.6);
    }
    expect(tables.losses).toHaveLength(3);
    expect(files).toEqual(["localisation.svg"]);
    expect(answered("localisation", "0.3333").right).toBe(true);
  });

  test("noisy-student: students beat the teacher, and themselves without the digits that nobody labelled", () => {
    const { number } = course("noisy-student");
    // Of 1000 digits: chance alone moves 0.85 by 0.011.
    for (const student of ["student1", "student2"]) {
      expect(number(student)).toBeGreaterThan(number("teacher") + 0.03);
      expect(number(student)).toBeGreaterThan(number("alone") + 0.02);
    }
    expect(number("said")).toBeGreaterThan(0.7);
    expect(number("said")).toBeLessThan(0.95);
    expect(answered("noisy-student", "0.693").right).toBe(true);
  });

  test("fixres: pictures larger than in training are told apart better, and best after the last layer learnt there", () => {
    const { number, tables } = course("fixres");
    expect(number("best")).toBeGreaterThan(number("trained"));
    // Of 500 digits: chance alone moves 0.93 by 0.011.
    expect(number("better")).toBeGreaterThan(number("same") + 0.01);
    expect(number("tuned")).toBeGreaterThan(number("same") + 0.03);
    const accuracies = (tables.sizes ?? []).map(({ accuracy }) => Number(accuracy));
    expect(accuracies).toHaveLength(8);
    // Too small and too large are worse than the best.
    expect(Math.max(...accuracies)).toBeGreaterThan((accuracies[0] as number) + 0.2);
    expect(Math.max(...accuracies)).toBeGreaterThan((accuracies[7] as number) + 0.1);
    expect(answered("fixres", "40").right).toBe(true);
  });

  test("word2vec: words of one kind are neighbours, and king − man + woman is near queen", () => {
    const { figures, number, drawing } = course("word2vec");
    expect(figures).toMatchObject({ words: 48, pairs: 18_000, queen: "queen", man: "man" });
    expect(number("chance")).toBeCloseTo(4 / 47);
    expect(number("sameKind")).toBeGreaterThan(0.8);
    expect(number("loss")).toBeLessThan(number("guessing") / 1.5);
    for (const word of ["cat", "plum", "rome", "queen"])
      expect(drawing("word2vec")).toContain(`>${word}</text>`);
    expect(answered("word2vec", "woman").right).toBe(true);
    expect(answered("word2vec", "queen").right).toBe(false);
  });
});
