/** Thrown by a route for a request that is wrong: the status and the sentence go to the client, and nowhere else. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  /** 400 to 499. */
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
