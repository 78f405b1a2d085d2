import {
  type ArgumentMetadata,
  BadRequestException,
  Inject,
  Injectable,
  ValidationPipe,
} from '@nestjs/common';
import { EXPORT_PARAMETERS } from '../model/export-parameters';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/calls-export-options';
import { type ExportCallsQueryDto, withStatuses } from './export-calls-query.dto';
import { withoutHostParameters } from './host-parameters';

/** The injection token of the statuses that calls of this import may have. */
export const STATUSES = Symbol('STATUSES');

/** Validates the query of an export, whether or not the host has a global pipe, and says each fault in one sentence. */
@Injectable()
export class ExportCallsQueryPipe extends ValidationPipe {
  constructor(
    @Inject(STATUSES) statuses: readonly string[],
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    super({
      transform: true,
      expectedType: withStatuses(statuses),
      exceptionFactory: (errors) => {
        const inOrder = EXPORT_PARAMETERS.flatMap((name) =>
          errors.filter(({ property }) => property === name),
        );
        return new BadRequestException(
          inOrder.flatMap(({ constraints }) => Object.values(constraints ?? {})),
        );
      },
    });
  }

  override async transform(
    given: object,
    metadata: ArgumentMetadata,
  ): Promise<ExportCallsQueryDto> {
    const query = withoutHostParameters(given, this.options.hostParameters);
    // Not left to `forbidNonWhitelisted`, which never sees `constructor` and `__proto__`: they are dropped before it.
    const unknown = Object.keys(query).filter((name) => !EXPORT_PARAMETERS.includes(name));
    if (unknown.length > 0) {
      throw new BadRequestException(
        unknown.map(
          (name) =>
            `${name} is not a parameter of the export, which takes ${EXPORT_PARAMETERS.join(', ')}`,
        ),
      );
    }
    return super.transform(query, metadata);
  }
}
