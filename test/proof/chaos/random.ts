/** Chance that can be repeated: the same seed gives the same numbers (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** At least 0 and less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A number between both, as evenly spread as can be. */
  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries<number>(weights) as [Name, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    throw new RangeError('nothing to pick from');
  }
}

/** Deals each card once before any comes again, in an order of its own every time. */
export class Deck<Card> {
  readonly cards: readonly Card[];
  readonly #dice: Dice;
  #left: Card[] = [];

  constructor(cards: readonly Card[], dice: Dice) {
    this.cards = cards;
    this.#dice = dice;
  }

  deal(): Card {
    if (this.#left.length === 0) this.#left = [...this.cards];
    const [card] = this.#left.splice(Math.floor(this.#dice.next() * this.#left.length), 1);
    if (card === undefined) throw new RangeError('a deck without cards');
    return card;
  }

  /** For a card that was dealt and could not be played. */
  putBack(card: Card): void {
    this.#left.push(card);
  }
}
