import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';
import { NightlyUpload } from './nightly-upload';

async function main() {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  const app = await NestFactory.createApplicationContext(AppModule);
  try {
    if (!(await app.get(NightlyUpload).run(stop.signal))) process.exitCode = 1;
  } finally {
    await app.close();
  }
}

void main();
