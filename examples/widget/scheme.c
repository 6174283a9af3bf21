#include "examples/widget/scheme.h"

#include <gtk/gtk.h>

#define PORTAL     "org.freedesktop.portal.Desktop"
#define PATH       "/org/freedesktop/portal/desktop"
#define SETTINGS   "org.freedesktop.portal.Settings"
#define APPEARANCE "org.freedesktop.appearance"
#define SCHEME     "color-scheme"

enum { NO_PREFERENCE, DARK, LIGHT };

static void set_scheme(GVariant *value)
{
	if (!g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
		return;
	guint32 scheme = g_variant_get_uint32(value);
	if (scheme == DARK || scheme == LIGHT)
		g_object_set(gtk_settings_get_default(), "gtk-application-prefer-dark-theme", scheme == DARK,
			NULL);
}

static void on_changed(GDBusConnection *bus, const char *sender, const char *path, const char *interface,
	const char *signal, GVariant *parameters, void *data)
{
	(void)bus, (void)sender, (void)path, (void)interface, (void)signal, (void)data;
	const char *key = NULL;
	GVariant *value = NULL;
	if (!g_variant_is_of_type(parameters, G_VARIANT_TYPE("(ssv)")))
		return;
	g_variant_get(parameters, "(&s&sv)", NULL, &key, &value);
	if (g_str_equal(key, SCHEME))
		set_scheme(value);
	g_variant_unref(value);
}

static void on_read(GObject *source, GAsyncResult *result, void *data)
{
	(void)data;
	GVariant *answer = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);
	if (!answer)
		return;
	/* A variant in a variant is what Read answers with. */
	GVariant *outer = NULL;
	g_variant_get(answer, "(v)", &outer);
	GVariant *inner =
		g_variant_is_of_type(outer, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant(outer) : NULL;
	if (inner) {
		set_scheme(inner);
		g_variant_unref(inner);
	}
	g_variant_unref(outer);
	g_variant_unref(answer);
}

static void on_bus(GObject *source, GAsyncResult *result, void *data)
{
	(void)source, (void)data;
	GDBusConnection *bus = g_bus_get_finish(result, NULL);
	if (!bus)
		return;
	g_dbus_connection_signal_subscribe(bus, PORTAL, SETTINGS, "SettingChanged", PATH, APPEARANCE,
		G_DBUS_SIGNAL_FLAGS_NONE, on_changed, NULL, NULL);
	g_dbus_connection_call(bus, PORTAL, PATH, SETTINGS, "Read", g_variant_new("(ss)", APPEARANCE, SCHEME),
		G_VARIANT_TYPE("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_read, NULL);
	/* The bus is GLib's, and stays as long as the program. */
	g_object_unref(bus);
}

void scheme_follow(void)
{
	g_bus_get(G_BUS_TYPE_SESSION, NULL, on_bus, NULL);
}
