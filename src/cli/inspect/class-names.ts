import { UsageError } from "../../errors.ts";

/** A class by its number, its name, or one of its names between commas; a UsageError by the option's name where there is none. */
export function classNamed(option: string, name: string, labels: readonly string[] | undefined): number {
  if (/^\d+$/.test(name)) return Number(name);
  if (labels === undefined) throw new UsageError(`${option} ${name}: a class by name takes --labels FILE`);
  const wanted = name.trim().toLowerCase();
  const names = labels.map((label) => label.toLowerCase());
  const whole = names.indexOf(wanted);
  const found = whole >= 0 ? whole : names.findIndex((label) => label.split(/\s*,\s*/).includes(wanted));
  if (found < 0) throw new UsageError(`${option} ${name}: the labels have no such class`);
  return found;
}

/**
 * The network's class for each class of data that has names: by number, by name among the labels, or, without labels and where
 * there are as many of both, in the data's order.
 */
export function networkClasses(
  names: readonly string[],
  labels: readonly string[] | undefined,
  count: number,
): readonly number[] {
  const isNumbered = names.every((name) => /^\d+$/.test(name));
  if (labels === undefined && !isNumbered) {
    if (names.length !== count)
      throw new UsageError(
        `the data has ${names.length} classes, the network ${count}: --labels FILE says which of these are ${names.slice(0, 3).join(", ")}, …`,
      );
    return names.map((_, i) => i);
  }
  return names.map((name) => classNamed("--data: the class", name.replaceAll("_", " "), labels));
}
