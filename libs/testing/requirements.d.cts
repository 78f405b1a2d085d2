/** See requirements.cjs. */
export declare const GALERA_PROVIDER: string | undefined;
export declare const SEARCH_PATH: string;
export declare function missing(requirement: string): string | undefined;
