import { Catch } from '@nestjs/common';
import { type AbstractHttpAdapter, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { requestId } from './request-id';

/** Adds the `requestId` to the body of every error, including those of Nest. */
@Catch()
export class ErrorBodyFilter extends BaseExceptionFilter {
  constructor({ httpAdapter }: HttpAdapterHost) {
    // All errors go through `reply`.
    const reply: AbstractHttpAdapter['reply'] = (response, body, statusCode) =>
      httpAdapter.reply(response, { ...body, requestId: requestId() }, statusCode);
    super(Object.assign(Object.create(httpAdapter), { reply }));
  }
}
