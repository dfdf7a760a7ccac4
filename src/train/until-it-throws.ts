/** A function that is called no more once it has thrown; what it threw is kept. */
export interface Told<T> {
  call(value: T): void;
  failure?: { readonly error: unknown };
}

/** Calls a caller's function until it throws: what calls it goes on to its end all the same. */
export function untilItThrows<T>(call: (value: T) => void): Told<T> {
  const told: Told<T> = {
    call(value) {
      if (told.failure !== undefined) return;
      try {
        call(value);
      } catch (error) {
        told.failure = { error };
      }
    },
  };
  return told;
}
