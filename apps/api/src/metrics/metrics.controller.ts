import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { METRICS_HEADERS, METRICS_PATH, MetricsReader } from './metrics-reader';

/** Serves `/metrics` on the port of the API. It requires no token, so block it in the proxy. */
@Controller(METRICS_PATH)
@SkipThrottle()
@ApiExcludeController()
export class MetricsController {
  constructor(private readonly reader: MetricsReader) {}

  @Get()
  @Header('Content-Type', METRICS_HEADERS['Content-Type'])
  @Header('Cache-Control', METRICS_HEADERS['Cache-Control'])
  read(): Promise<string> {
    return this.reader.read();
  }
}
