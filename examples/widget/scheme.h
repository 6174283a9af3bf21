/* Follows the desktop's wish for dark or light windows. Knows the settings portal; knows nothing of ours. */
#ifndef LOCKSTEP_WIDGET_SCHEME_H
#define LOCKSTEP_WIDGET_SCHEME_H

/* Asks now and follows from then on. Without a portal GTK's own setting stays as it is. */
void scheme_follow(void);

#endif
