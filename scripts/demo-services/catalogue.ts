/** What can be booked. */
export interface Event {
  id: string;
  name: string;
  /** How often it is booked, beside the others. */
  popularity: number;
}

export const CATALOGUE: readonly Event[] = [
  { id: '1', name: 'Opera in the Park', popularity: 5 },
  { id: '2', name: 'Jazz Night', popularity: 3 },
  { id: '3', name: 'Chess Open', popularity: 1 },
];
