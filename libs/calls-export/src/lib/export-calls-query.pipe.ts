import {
  type ArgumentMetadata,
  BadRequestException,
  type Type,
  ValidationPipe,
} from '@nestjs/common';
import type { ExportCallsQueryDto } from './export-calls-query.dto';

const PARAMETERS = ['format', 'status', 'assistant_id', 'date_from', 'date_to'];

/** Validates the query of an export, whether or not the host has a global pipe, and says each fault in one sentence. */
export class ExportCallsQueryPipe extends ValidationPipe {
  constructor(dto: Type<ExportCallsQueryDto>) {
    super({
      transform: true,
      expectedType: dto,
      exceptionFactory: (errors) =>
        new BadRequestException(
          errors.flatMap(({ constraints }) => Object.values(constraints ?? {})),
        ),
    });
  }

  override async transform(
    query: object,
    metadata: ArgumentMetadata,
  ): Promise<ExportCallsQueryDto> {
    // Not left to `forbidNonWhitelisted`, which never sees `constructor` and `__proto__`: they are dropped before it.
    const unknown = Object.keys(query).filter((name) => !PARAMETERS.includes(name));
    if (unknown.length > 0) {
      throw new BadRequestException(
        unknown.map(
          (name) =>
            `${name} is not a parameter of the export, which takes ${PARAMETERS.join(', ')}`,
        ),
      );
    }
    return super.transform(query, metadata);
  }
}
