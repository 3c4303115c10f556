/** What comes next for something that was handled. */
export type Next<Item> =
  | { readonly is: 'done' }
  /** It goes on as soon as there is a place. */
  | { readonly is: 'at-once'; readonly item: Item }
  | { readonly is: 'later'; readonly inMs: number; readonly item: Item };

export const DONE = { is: 'done' } as const;
