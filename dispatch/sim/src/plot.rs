//! What happens on a day: how often each kind, how long a crew works on it, and what a caller says. Kinds that are not
//! in the table (another region's) are told by their own name.

use dispatch_core::kernel::kind::Priority;

/// One kind of happening.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    /// How likely, beside the others.
    pub weight: f64,
    /// Median time at the scene, s.
    pub work_s: f64,
    /// What a caller says.
    pub told: String,
}

type Row = (&'static str, f64, f64, &'static str, &'static str);

/// Code, weight, minutes at the scene, what is said in Chinese and in English. Weights give about 8 % of priority 1,
/// 27 % of priority 2.
const ROWS: &[Row] = &[
    (
        "assault-weapon",
        0.25,
        70.0,
        "有人拿刀砍人了，快来！",
        "A man is attacking people with a knife, hurry!",
    ),
    ("robbery", 0.15, 60.0, "店里被抢了，人刚跑。", "The shop was robbed, he has just run off."),
    ("gunshot", 0.1, 70.0, "听到像枪响的声音，两三声。", "I heard two or three shots."),
    ("explosion", 0.05, 90.0, "那边炸了一下，冒黑烟。", "Something exploded over there, black smoke."),
    ("homicide", 0.03, 150.0, "屋里有人死了，有血。", "There is a dead person in the house, blood."),
    ("hostage", 0.02, 150.0, "他把人扣在屋里不让走。", "He is holding someone in the house."),
    ("sexual-assault", 0.1, 90.0, "我需要女警，地方等会说。", "I need a female officer."),
    (
        "child-missing",
        0.4,
        80.0,
        "孩子找不见了，出去一个多小时了。",
        "My child has been gone for more than an hour.",
    ),
    (
        "suicide-threat",
        0.3,
        60.0,
        "他说不想活了，一个人出门了。",
        "He said he does not want to live and left alone.",
    ),
    ("medical", 2.6, 35.0, "老人胸口疼，喘不上气。", "An old man has chest pain and cannot breathe."),
    (
        "road-crash-injury",
        1.2,
        60.0,
        "两车撞了，有人受伤动不了。",
        "Two cars crashed, someone is hurt and cannot move.",
    ),
    (
        "grass-fire",
        0.6,
        110.0,
        "草场起火了，风往东南刮。",
        "The grass is on fire, the wind blows south-east.",
    ),
    (
        "building-fire",
        0.4,
        80.0,
        "库房着火，火苗出窗了。",
        "A store house is burning, flames from the window.",
    ),
    (
        "blizzard-stranding",
        0.3,
        90.0,
        "车被雪埋住了，三个人，快没油了。",
        "Our car is snowed in, three of us, nearly out of fuel.",
    ),
    ("water-rescue", 0.15, 60.0, "有人掉水里了！", "Somebody fell into the water!"),
    (
        "mine-accident",
        0.05,
        150.0,
        "矿上塌了一段，有人没出来。",
        "A part of the mine fell in, people are inside.",
    ),
    ("chemical-leak", 0.05, 120.0, "罐车漏了，味道很冲。", "A tank truck is leaking, a strong smell."),
    (
        "lost-person",
        1.8,
        70.0,
        "老人出去放羊没回来，电话打不通。",
        "An old man has not come back from the herd, no answer.",
    ),
    ("fight", 2.8, 35.0, "饭馆里打起来了，五六个人。", "A fight in the restaurant, five or six people."),
    ("burglary", 1.6, 45.0, "家里门被撬了，东西翻乱了。", "Our door was forced, everything is turned over."),
    (
        "livestock-theft",
        2.6,
        60.0,
        "羊少了四十多只，有车辙印。",
        "More than forty sheep are gone, there are tyre tracks.",
    ),
    (
        "road-crash",
        3.6,
        35.0,
        "路上蹭车了，人没事，堵住了。",
        "A bump on the road, nobody hurt, the road is blocked.",
    ),
    ("domestic-dispute", 2.6, 40.0, "两口子吵架，他动手了。", "A couple is quarrelling, he hit her."),
    ("border-matter", 0.6, 60.0, "网围栏那边有脚印，不像本地人。", "Footprints at the fence, not a local's."),
    (
        "vehicle-stuck",
        3.2,
        45.0,
        "车陷泥里了，带着孩子。",
        "Our car is stuck in the mud, we have a child with us.",
    ),
    ("flood", 0.4, 80.0, "水进院子了，还在涨。", "Water is in the yard and rising."),
    ("wild-animal", 0.6, 40.0, "狼进羊圈了，人被咬了一口。", "A wolf got into the fold and bit a man."),
    ("threat", 1.6, 35.0, "他发消息说要来烧我家。", "He wrote that he will burn my house."),
    ("drunk-person", 3.2, 25.0, "有人喝多了躺路中间。", "A drunk man lies in the middle of the road."),
    ("theft", 7.0, 30.0, "摩托车停门口不见了。", "My motorcycle is gone from the door."),
    ("fraud", 6.0, 25.0, "被骗了八千块，刚转的账。", "I was cheated of eight thousand, I just paid it."),
    ("livestock-dispute", 7.0, 45.0, "他家的牛吃了我家草垛。", "His cattle ate my hay."),
    ("pasture-dispute", 6.0, 55.0, "网围栏挪过来了，吵起来了。", "They moved the fence, there is a quarrel."),
    ("noise", 4.0, 20.0, "半夜放音响，睡不了。", "Loud music at night, we cannot sleep."),
    ("livestock-on-road", 7.0, 25.0, "马群在公路上，车过不去。", "Horses on the road, cars cannot pass."),
    ("power-line-down", 2.5, 40.0, "电线断了搭在围栏上。", "A power line fell on the fence."),
    (
        "lost-property",
        6.0,
        20.0,
        "钱包丢车上了，司机联系不上。",
        "I left my purse in a car and cannot reach the driver.",
    ),
    ("help-request", 12.0, 30.0, "钥匙锁屋里了，屋里火没关。", "I am locked out and the stove is on."),
    ("other", 7.0, 25.0, "想反映个情况。", "I want to report something."),
    ("sos", 0.0, 45.0, "", ""),
];

/// The plot of a kind. `name` is what people call it, for kinds that have no row.
pub fn of(code: &str, priority: Priority, name: &str, chinese: bool) -> Plot {
    if let Some(&(_, weight, minutes, zh, en)) = ROWS.iter().find(|row| row.0 == code) {
        return Plot { weight, work_s: minutes * 60.0, told: if chinese { zh } else { en }.to_owned() };
    }
    let (weight, minutes) = match priority {
        Priority::P1 => (0.5, 60.0),
        Priority::P2 => (2.0, 40.0),
        Priority::P3 => (6.0, 30.0),
    };
    Plot { weight, work_s: minutes * 60.0, told: name.to_owned() }
}
