const { rm } = require('node:fs/promises');
const { join } = require('node:path');
const S3rver = require('s3rver');

const server = new S3rver({
  address: '127.0.0.1',
  port: 0,
  directory: join(__dirname, 'data'),
  silent: true,
  configureBuckets: process.argv.slice(2).map((name) => ({ name })),
});
// Adds AbortMultipartUpload, which s3rver does not support.
server.middleware.unshift(async (context, next) => {
  const { uploadId } = context.query;
  if (context.method !== 'DELETE' || !uploadId) return next();
  const [, bucket] = context.path.split('/');
  await rm(join(server.store.getResourcePath(bucket, undefined, 'uploads'), uploadId), {
    recursive: true,
  });
  context.status = 204;
});
server.run().then(({ address, port }) => console.log(`Listening on http://${address}:${port}`));
