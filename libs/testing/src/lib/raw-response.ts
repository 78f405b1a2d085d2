import { connect } from 'node:net';

/**
 * Sends a raw request to a server on 127.0.0.1 and returns the raw response. The request may contain what no
 * client would send. It must make the server close the connection. A reset also ends the response, because a
 * server need not read the rest of a request that it has responded to.
 */
export async function rawResponse(port: number, request: string): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(request, 'latin1');
  await new Promise((closed) => socket.once('close', closed));
  return Buffer.concat(chunks);
}
