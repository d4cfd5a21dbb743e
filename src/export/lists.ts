/** These, where something holds. */
export const when = <T>(holds: boolean, ...items: T[]): T[] => (holds ? items : []);

/** A list that the API would not keep where it is empty, so that `kubectl apply` would write it again each time. */
export const orNone = <T>(items: readonly T[]): readonly T[] | undefined => (items.length === 0 ? undefined : items);
