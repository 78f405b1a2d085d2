import {
  type ArgumentMetadata,
  BadRequestException,
  Inject,
  Injectable,
  ValidationPipe,
} from '@nestjs/common';
import { CallsSources } from '../reading/calls-sources';
import { type ExportCallsQueryDto, exportCallsQuery } from './export-calls-query.dto';

/** The injection token of the statuses that calls of this import may have. */
export const STATUSES = Symbol('STATUSES');

const PARAMETERS = ['format', 'status', 'assistant_id', 'date_from', 'date_to'];

/** Validates the query of an export, whether or not the host has a global pipe, and says each fault in one sentence. */
@Injectable()
export class ExportCallsQueryPipe extends ValidationPipe {
  private readonly parameters: readonly string[];

  constructor(
    @Inject(STATUSES) statuses: readonly string[],
    @Inject(CallsSources) { assistantIds }: CallsSources,
  ) {
    super({
      transform: true,
      expectedType: exportCallsQuery(statuses, assistantIds),
      exceptionFactory: (errors) => {
        const inOrder = PARAMETERS.flatMap((name) =>
          errors.filter(({ property }) => property === name),
        );
        return new BadRequestException(
          inOrder.flatMap(({ constraints }) => Object.values(constraints ?? {})),
        );
      },
    });
    this.parameters = PARAMETERS.filter((name) => name !== 'assistant_id' || assistantIds);
  }

  override async transform(
    query: object,
    metadata: ArgumentMetadata,
  ): Promise<ExportCallsQueryDto> {
    // Not left to `forbidNonWhitelisted`, which never sees `constructor` and `__proto__`: they are dropped before it.
    const { parameters } = this;
    const unknown = Object.keys(query).filter((name) => !parameters.includes(name));
    if (unknown.length > 0) {
      throw new BadRequestException(
        unknown.map(
          (name) =>
            `${name} is not a parameter of the export, which takes ${parameters.join(', ')}`,
        ),
      );
    }
    return super.transform(query, metadata);
  }
}
