import {
  type ArgumentMetadata,
  BadRequestException,
  Inject,
  Injectable,
  ValidationPipe,
} from '@nestjs/common';
import { type ExportCallsQueryDto, withStatuses } from './export-calls-query.dto';

/** The injection token of the statuses that calls of this import may have. */
export const STATUSES = Symbol('STATUSES');

const PARAMETERS = ['format', 'status', 'assistant_id', 'date_from', 'date_to'];

/** Validates the query of an export, whether or not the host has a global pipe, and says each fault in one sentence. */
@Injectable()
export class ExportCallsQueryPipe extends ValidationPipe {
  constructor(@Inject(STATUSES) statuses: readonly string[]) {
    super({
      transform: true,
      expectedType: withStatuses(statuses),
      exceptionFactory: (errors) => {
        const inOrder = PARAMETERS.flatMap((name) =>
          errors.filter(({ property }) => property === name),
        );
        return new BadRequestException(
          inOrder.flatMap(({ constraints }) => Object.values(constraints ?? {})),
        );
      },
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
