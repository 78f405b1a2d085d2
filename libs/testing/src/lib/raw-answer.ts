import { connect } from 'node:net';

/**
 * All that a server on 127.0.0.1 sends to a request as its bytes are, so that it may have what no client sends. The server closes
 * the connection; a reset is such an end as well, since a server that has answered need not read the rest of a request.
 */
export async function rawAnswer(port: number, request: string): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(request, 'latin1');
  await new Promise((closed) => socket.once('close', closed));
  return Buffer.concat(chunks);
}
