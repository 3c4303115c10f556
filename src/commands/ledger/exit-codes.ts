/** What the ledger commands end with; 2, for the configuration, is the same for all commands. */
export const EXIT_OK = 0;
/** The ledger is not what was written, or the request that was asked for does not exist. */
export const EXIT_FAULT = 1;
/** Nothing is wrong with the record, but a person should look at something. */
export const EXIT_WARNING = 3;
/** The ledger cannot be read at all: nothing can be said of it. */
export const EXIT_UNREADABLE = 4;
