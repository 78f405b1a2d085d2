'use strict';

/**
 * Traces the API by OpenTelemetry: `node --require ./tracing.cjs dist/apps/api/main.js`. The environment variables of OpenTelemetry
 * say where spans go and by which name: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER.
 */
const { ServerResponse } = require('node:http');
const { SpanStatusCode } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg');
const { BatchSpanProcessor, NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');

const provider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
provider.register();

/** Health checks and scrapes would be most of the spans. */
const isOfOperator = ({ url }) => /^\/(health|metrics)\b/.test(url);

registerInstrumentations({
  instrumentations: [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: isOfOperator,
      /** A file that broke off has the status 200 all the same. */
      applyCustomAttributesOnSpan(span, _request, response) {
        if (response instanceof ServerResponse && !response.writableFinished)
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: 'The response ended before it was whole',
          });
      },
    }),
    // Not the connections that the pool makes and the statements of readiness.
    new PgInstrumentation({ requireParentSpan: true }),
  ],
});
