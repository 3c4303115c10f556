/** Destroys a connection, or a request, that takes longer; gives what calls that off. */
export function destroyAfter(
  ms: number,
  connection: { destroy(error?: Error): unknown },
  why: string,
): () => void {
  const timer = setTimeout(() => {
    connection.destroy(Object.assign(new Error(why), { code: 'ETIMEDOUT' }));
  }, ms);
  return () => clearTimeout(timer);
}
