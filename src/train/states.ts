import type { Fact, Graph } from "../graph/graph.ts";
import type { Executor } from "../runtime/executor.ts";
import { type TensorData, zeros } from "../tensor.ts";
import { CheckpointError } from "./checkpoint.ts";
import type { TrainingGraph } from "./training-graph.ts";

type Form = Pick<TensorData, "dtype" | "dims">;

/** What training changes: weights, running statistics and moments, in an executor's memory. */
export interface States {
  /** Gives them their first values, once: weights and statistics as the network has them, moments zero. */
  ready(training: Pick<TrainingGraph, "graph" | "statistics">): void;
  isReady(): boolean;
  /** Copies of all, by name. */
  read(): Map<string, TensorData>;
  /** Copies of those that the forward pass changes. */
  readStatistics(): ReadonlyMap<string, TensorData>;
  /** Sets some. */
  write(values: ReadonlyMap<string, TensorData>): void;
  /** Sets all of them; a CheckpointError, before any is set, where these are not the states that there are. */
  replace(values: ReadonlyMap<string, TensorData>): void;
  /** Sets all to their first values. */
  reset(): void;
}

export function statesOf(start: Graph, executor: () => Executor): States {
  const forms = new Map<string, Form>();
  let statistics: readonly string[] = [];
  const read = (name: string): [string, TensorData] => [name, executor().state(name) as TensorData];
  const firstOf = (name: string, { dtype, dims }: Form): TensorData =>
    start.facts.get(name)?.data ?? zeros(dtype, dims);
  const states: States = {
    isReady: () => forms.size > 0,
    ready({ graph, statistics: changing }) {
      const found = (graph.states ?? []).map(({ input }): [string, Form] => {
        const { dtype, dims } = graph.facts.get(input) as Fact;
        return [input, { dtype, dims: dims as readonly number[] }];
      });
      for (const [name, form] of found) executor().setState(name, firstOf(name, form));
      for (const [name, form] of found) forms.set(name, form);
      statistics = changing.filter((name) => forms.has(name));
    },
    read: () => new Map([...forms.keys()].map(read)),
    readStatistics: () => new Map(statistics.map(read)),
    write(values) {
      for (const [name, value] of values) executor().setState(name, value);
    },
    replace(values) {
      const odd = [...forms].find(([name, own]) => {
        const value = values.get(name);
        return own.dtype !== value?.dtype || own.dims.join() !== value.dims.join();
      });
      if (odd !== undefined)
        throw new CheckpointError(`the checkpoint has no state ${odd[0]}, ${odd[1].dtype} [${odd[1].dims}]`);
      if (values.size !== forms.size)
        throw new CheckpointError(`the checkpoint has ${values.size} states, this training ${forms.size}`);
      states.write(values);
    },
    reset() {
      for (const [name, form] of forms) executor().setState(name, firstOf(name, form));
    },
  };
  return states;
}
