/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For the static binary alone: there is no static libudev, and hwloc asks it only for the names of
 * disks, which bpftoll does not use. Without a context hwloc asks nothing else of it.
 */
struct udev;
struct udev_device;

struct udev *udev_new(void);
struct udev *udev_unref(struct udev *udev);
struct udev_device *udev_device_new_from_devnum(struct udev *udev, char type, unsigned long number);
struct udev_device *udev_device_new_from_subsystem_sysname(struct udev *udev, const char *subsystem,
							   const char *name);
struct udev_device *udev_device_unref(struct udev_device *device);
const char *udev_device_get_property_value(struct udev_device *device, const char *key);

struct udev *udev_new(void)
{
	return 0;
}

struct udev *udev_unref(struct udev *udev)
{
	(void)udev;
	return 0;
}

struct udev_device *udev_device_new_from_devnum(struct udev *udev, char type, unsigned long number)
{
	(void)udev, (void)type, (void)number;
	return 0;
}

struct udev_device *udev_device_new_from_subsystem_sysname(struct udev *udev, const char *subsystem,
							   const char *name)
{
	(void)udev, (void)subsystem, (void)name;
	return 0;
}

struct udev_device *udev_device_unref(struct udev_device *device)
{
	(void)device;
	return 0;
}

const char *udev_device_get_property_value(struct udev_device *device, const char *key)
{
	(void)device, (void)key;
	return 0;
}
