"""What a station may offer: services, access features, kinds; the codes and their names."""

from stations.kernel.text import Text, _

SERVICES: dict[str, Text] = {
    "rest": _("Rest area"),
    "water": _("Drinking water"),
    "toilet": _("Toilet"),
    "stationery": _("Stationery"),
    "emergency_printing": _("Emergency printing"),
    "charging": _("Phone charging"),
    "first_aid": _("First aid"),
    "umbrella": _("Umbrellas"),
    "fan": _("Fans and cooling"),
    "counselling": _("Counselling"),
    "bag_deposit": _("Bag deposit"),
    "guide": _("Guide"),
    "traffic_order": _("Traffic order"),
}

ACCESS: dict[str, Text] = {
    "step_free": _("Step-free access"),
    "accessible_toilet": _("Accessible toilet"),
    "hearing_loop": _("Hearing support"),
    "quiet_room": _("Quiet room"),
}

NEEDS: dict[str, Text] = SERVICES | ACCESS

STATION_KINDS: dict[str, Text] = {
    "union_point": _("Union support station"),
    "shopfront": _("Company shopfront"),
    "rest_zone": _("Rest zone"),
    "union_post": _("Union post"),
}

LANDMARK_KINDS: dict[str, Text] = {
    "metro_station": _("Metro station"),
    "metro_exit": _("Metro exit"),
}

# Further spellings that sheets use.
SERVICE_WORDS = {
    "printing": "emergency_printing",
    "storage": "bag_deposit",
    "休息": "rest",
    "休息区": "rest",
    "座位": "rest",
    "饮水": "water",
    "水": "water",
    "厕所": "toilet",
    "卫生间": "toilet",
    "文具": "stationery",
    "打印": "emergency_printing",
    "应急打印": "emergency_printing",
    "充电": "charging",
    "药品": "first_aid",
    "医药": "first_aid",
    "急救": "first_aid",
    "雨伞": "umbrella",
    "降温": "fan",
    "风扇": "fan",
    "心理": "counselling",
    "心理疏导": "counselling",
    "寄存": "bag_deposit",
    "引导": "guide",
    "交通引导": "traffic_order",
}
ACCESS_WORDS = {
    "wheelchair": "step_free",
    "无障碍": "step_free",
    "无台阶": "step_free",
    "无障碍卫生间": "accessible_toilet",
    "助听": "hearing_loop",
    "安静室": "quiet_room",
}
KIND_WORDS = {
    "工会伴考点": "union_point",
    "伴考点": "union_point",
    "门店": "shopfront",
    "企业门店": "shopfront",
    "休息圈": "rest_zone",
    "休息区": "rest_zone",
    "驿站": "union_post",
    "工会驿站": "union_post",
}
NEED_WORDS = SERVICE_WORDS | ACCESS_WORDS
