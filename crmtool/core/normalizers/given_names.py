"""Given names in Russian, Ukrainian, English and the neighbouring languages: data for splitting a whole name.

Lower case, ё written as е. To add a name: in its list; one that men and women bear: in `UNISEX` only. A name that is as
often a family name is better left out: without it the other signs decide. Source: common knowledge of the languages.
"""

from __future__ import annotations

from crmtool.core.normalizers import given_names_cyrillic, given_names_latin

_MALE_RU = """
абрам адам азат айдар алан александр алексей али альберт альфред анатолий андрей антон аркадий армен арсен арсений
артем артемий артур архип аслан ахмед ашот богдан борис вадим валентин валерий варлам василий вениамин виктор
виталий владимир владислав владлен всеволод вячеслав гавриил геннадий генрих георгий герман глеб григорий давид
дамир даниил данил данила демид демьян денис дмитрий евгений егор ефим жан захар зиновий иван игнат игнатий игорь
икрам илларион ильдар ильнур илья ильяс иннокентий иосиф ираклий исаак камиль карен карим ким кирилл клим кондрат
константин кузьма лаврентий лазарь лев леонид леонтий лука любомир магомед макар максим марат марк мартин матвей
мирон мирослав митрофан михаил мурат мустафа назар никита никифор никодим николай олег осип оскар остап павел петр
платон потап прохор равиль радик рамазан рамиль расул рафаэль ренат ринат роберт родион роман ростислав рубен руслан
рустам савва савелий самуил святослав севастьян семен сергей соломон спартак станислав степан султан тагир тарас
тигран тимофей тимур тихон трофим федор феликс филипп фома харитон цезарь шамиль эдгар эдуард эльдар эмиль эмин
эраст эрик эрнест юлиан юлий юрий яков ян янис ярослав
"""
_FEMALE_RU = """
аглая агния аделина аида айгуль аксинья алевтина александрина алена алина алиса алия алла альбина амалия амина
анастасия ангелина анжела анжелика анна антонина анфиса ариадна арина ася белла богдана валентина валерия ванда
варвара василиса вера вероника виктория виолетта виталина влада владислава галина гузель гульнара дарина дарья диана
дина динара доминика ева евгения евдокия екатерина елена елизавета есения жанна зарина зинаида злата зоя зульфия
изабелла инга инесса инна ираида ирина ирма камилла капитолина карина каролина кира клавдия клара кристина ксения
лада лариса лейла леся лиана лидия лика лилия лина лия лолита луиза любовь людмила майя малика маргарита марианна
марина мария марта марфа мила милана милена мира мирослава надежда наина наталия наталья нелли ника нина нинель
нонна оксана олеся ольга патимат пелагея полина прасковья раиса регина рената римма роза роксана руслана сабина
светлана серафима снежана софия софья стелла сусанна таисия тамара татьяна ульяна фаина фатима флора фрида эвелина
элеонора элина элла эльвира эльза эльмира эмилия эмма юлиана юлия яна янина ярослава
"""
_MALE_UK = """
адріан анатолій андрій аркадій арсен арсеній артем артур богдан богуслав болеслав борис в'ячеслав вадим валентин
валерій василь владислав володимир всеволод вікентій віктор віталій гаврило геннадій георгій герман гліб гнат гордій
григорій данилко данило дем'ян демид денис дмитро добромир едуард ернест захар зеновій зіновій йосип йосиф кирило
климентій корній костянтин кузьма кіндрат лаврентій лев левко леонтій леонід лук'ян лукаш любомир людвиг макар
максим мар'ян марко маркіян матвій микита микола мирон мирослав митрофан михайлик михайло назар назарій нестор
никифор овсій олег олександр олексій олелько омелян онисим онуфрій опанас орест остап павло панас пантелеймон петро
пилип платон прокіп прохор радим радомир роман ростислав руслан савелій самійло святослав севастян семен сергій
сидір соломон станіслав степан стефан тадей тарас терентій тимофій тимур тихін трохим устим федір феодосій филимон
хома юліан юрій юхим яким яків ярема яромир ярополк ярослав євген євгеній євстахій єгор ємельян іван ігнат ігор ілля
інокентій
"""
_FEMALE_UK = """
агата адріана алла альбіна аліна аліса анастасія ангеліна анжела анжеліка анна антоніна аріна богдана божена
валентина валерія варвара василина вероніка влада владислава вікторія віолетта віра віта віталіна галина ганна
дарина даря дарія дзвенислава домініка діана елеонора ельвіра еліна емма емілія жанна злата зоряна зоя зінаїда
калина каріна катерина клавдія крістіна ксенія кіра лада лариса леся любов людмила лідія лілія ліна майя мар'яна
маргарита марина марта марія мелана мирослава мілана надія наталка наталя наталія неллі неля нонна ніна оксана
олександрина олена олеся ольга орина орися параска поліна раїса регіна римма роксолана руслана світлана севіль
серафима сніжана соломія софія стефанида стефанія сюзанна тамара таїсія тетяна уляна устина фаїна феодосія христина
юліана юлія юстина ядвіга яна яніна ярина ярослава єва євгенія євдокія єлизавета іванна інга інеса інна іраїда ірина
"""
_MALE_EN = """
aaron abraham adam adrian alan albert aleksandr aleksei alex alexander alexei alexey alfred allan allen anatoly
andre andreas andrei andrew andrey andrii anthony anton antonio arkady arnold artem arthur barry ben benjamin
bernard bill bob bohdan boris brad brandon brian bruce bruno calvin carl carlos charles charlie chris christian
christopher clarence claude clifford colin craig daniel dave david dennis derek diego dmitri dmitriy dmitry dmytro
dominic don donald doug douglas duncan dustin dwayne earl edgar edmund eduardo edward edwin elliot eric ernest ethan
eugene evgeny fedor felix fernando francis francisco frank franklin fred frederick fyodor gabriel gareth gary gavin
gennady geoffrey george gerald gerard gilbert giovanni glenn graham greg gregory grigory guillermo gustav hans
harold harry harvey hector henry herbert howard hugh hugo ian igor ihor ilya isaac ivan jack jacob james jason jeff
jeffrey jeremy jerome jerry jesse jesus jim joachim joe joel johan johann john johnny jon jonathan jorge jose joseph
joshua juan julian julio justin karl keith kenneth kevin kirill klaus konstantin kurt lance larry lars lawrence leo
leon leonard leonid leroy lev liam lou louis lucas luis luke maksim maksym manuel marc marco marcus mario mark
markus marshall martin mathew matt matthew maurice max maxim michael michel miguel mike mikhail mitchell mohamed
mohammed mykhailo mykola nathan nathaniel neil nicholas nick nicolas nigel nikita nikolai nikolay noah norman oleg
oleh oleksandr oleksii oliver omar oscar otto owen pablo patrick paul pavel pavlo pedro peter petr petro philip
phillip pierre rafael ralph ramon raymond rene ricardo richard rick robert roberto rodney roger roland roman ron
ronald ross roy rudolf ruslan russell ryan samuel scott sean sebastian semyon sergei sergey serhii seth shane simon
stanislav stanley stefan stepan stephen steve steven stuart taras ted terence theodore thomas tim timothy timur
tobias todd tom tony travis trevor tyler vadim vadym valentin valery vasily vasyl vernon victor viktor vincent
vitalii vitaly vladimir vladislav volodymyr vyacheslav wallace walter warren wayne wesley wilfred william yakov
yaroslav yegor yevgeny yevhen yuri yurii yuriy zachary
"""
_FEMALE_EN = """
abigail ada adele agnes alexandra alice alicia alina alison alla allison amanda amber amelia amy ana anastasia
andrea angela angelina anita ann anna anne annette annie april audrey barbara beatrice belinda bernice beth betty
beverly bonnie brenda bridget camille carla carmen carol carole caroline carolyn cassandra catherine cathy cecilia
charlotte cheryl christina christine cindy claire clara claudia colleen connie constance cynthia daisy danielle
daria deborah debra denise diana diane dolores donna doris dorothy edith eileen ekaterina elaine eleanor elena
elisabeth elizabeth ella ellen elsa emily emma erica erin estelle esther ethel eva evelyn florence frances gabriela
gail galina georgia geraldine gertrude gina gladys glenda gloria grace greta halyna hanna hannah harriet hazel
heather heidi helen helena hilda holly ida inga ingrid inna irene irina iris iryna isabel isabella jacqueline jane
janet janice jean jeanne jennifer jenny jessica jill joan joanna joanne josephine joyce juanita judith judy julia
julie karen katarina kate kateryna katherine kathleen kathryn kathy katie katrina kristin kseniia larisa laura
lauren laurie lena leticia lidia lillian linda lisa liudmyla lois lorraine louise lucia lucille lucy ludmila lydia
lyubov lyudmila mabel madeline marcia margaret margarita maria marianne marie mariia marilyn marina marion mariya
marjorie marlene marta martha mary maryna maureen megan melanie melissa mercedes michelle mildred minnie miriam
molly monica monique nadezhda nadia nadiia nancy naomi natalia natalie nataliya natalya nicole nina nora norma
oksana olena olga olivia pamela patricia paula pauline peggy penelope phyllis polina priscilla rachel raisa rebecca
regina renee rita roberta rosa rose rosemary ruby ruth sabrina sally samantha sandra sara sarah sharon sheila sherry
shirley silvia sofia sofiia sonia sophia sophie stella stephanie susan suzanne svetlana svitlana sylvia taisiya
tamara tanya tara tatiana tatyana teresa tetiana tetyana theresa tiffany tina ulyana ursula valentina valeria
valerie vanessa vera veronica victoria vilma viola violet virginia vivian wanda wendy wilma yana yekaterina yelena
yolanda yulia yuliia yuliya yvette yvonne zinaida zoe zoya
"""
_UNISEX = """
alexis angel ariel bailey blake casey chris dana jamie jess jordan kelly kim kyle lee lesley leslie lynn morgan pat
robin sam sasha shannon shawn sidney stacy sydney terry tracy ася валя женя мика ніка паша саша сашко слава тоня
шура
"""
#: Patronymics that do not follow from a name by the rules in `name_words`.
_PATRONYMICS = """
гаврилович григорович григорьевич данилович ильич кузьмич лукич львович микитич миколайович михайлович никитич
павлович петрович саввич савич фомич хомич юрьевич якович яковлевич ілліч іліч
"""

#: Caucasus, Central Asia, the Volga, Jewish, Belarusian, Polish and other names as they are written in Cyrillic.
_MALE_NEIGHBOURS = """
абай абдул абдулла абдурахман абильмансур авель авраам агаси адильхан азамат азиз аид айдос айрат айтач алег алек
алесь алибек алишер алмаз алмас альгирдас альфис аляксандр аляксей амбарцум амир анар анвар анджей андриан андрэй
андрюс анзор антонио апти аракел арам ардак аркадзь арман армин арно арсланбек артавазд артак артуш аршак аскар аскер
асхат атабек аурел ахмад ахмат ашраф бабкен багдасар багиш баграт бадри базарбай байрам бакыт барас батыр бауыржан
бахадыр бахрам бахтиер бейбит бекзат бекхан бердибек беркут бесик беслан бидзина бислан болат болот брайан бронислав
бруно вагиз вагиф важа валид валюс ванг варазд вардан варужан василь васіль вахид вахтанг вацлав веслав видас
вильгельм винцент витаутас войцех вольдемар вольф вугар вільям віталь гагик гайк гамлет гарегин гарик гарри геворг
гедиминас гейдар гела генадзь гиви гиорги гия гоча грачья грег грегори гурам гусейн гюнтер дамир даниэль данияр дастан
дато даулет даурен дашдамир девід демир демна джаббар джамал джанибек джафар джахар джахонгир джеймс джозеф джон
джордж джумабай дзмитрый дилшод динмухамед дияр довлет досжан дурсун дэвид ежи елисей ендрю ераст ербол ержан ерлан
ермек жан-пьер жандос жаныбек жасулан жасур жора жорж збигнев звиад зелимхан земфир зия змицер зміцер зураб ибрагим
ибрахим иван идрис илия илхам ильгам ильгиз ильдус ильхам ильшат имран инал ирек ислам исламбек исмаил исраил каджик
казбек казимир кайрат калистрат камал камран канат карапет карл карлос карол кастусь касым кевин кенес коба комил
кристиан кристоф курман кшиштоф кязым кірыл лаша лашин леван лейб лейзер лечи луис любен людвик мавлет майкл мамед
мамука манас манвел манук марек марк марко маркус марсель масис махмуд мацей мейрам мелик мендель мераб мержан
мечислав мигран микалай микола мирза мирзо михась мкртич моисей мордехай муса муслим мухамед мухаммад мухаммед мухтар
мушег міхась нарек нариман натан натиг наум нахид ничипір нодар норайр нурбек нурболат нуржан нурлан нурсултан ованес
овик овсеп одил олжас отабек отар паата павал павел паоло папуна парвиз паруйр пауль петрас пинхас питер пламен пол
пьер пітер радж радмир раймонд рамзан рамиз рамин ранис расим расул рауль рауф рафаил рафик рафис рашид реваз рид
ризван рифат ришат роберт рудольф рустем рыгор рышард сабир саид сайд салават салман самат самвел самсон санжар санжи
сардор саркис сафар сашок саят святогор сейран сержик серик сероб симон собир соломон сослан спиридон стивен стівен
сулейман султан сурен сухроб сяргей таалай тагай тадеуш таймураз талгат тамаз тамази тамерлан тариэл тарлан тахир
теймур теймураз темирлан темур тенгиз тимерлан тито тлек томас торгом тофиг тофик трдат тулеген тура тургут уильям
уладзимир уладзімір улугбек умар умид уолтер урал урузмаг фазиль фазыл файзулла фарид фаррух фархад фархат фатих
фирдавс фирдаус фируз франц фридрих фуад фуат хабиб хаим хайям халил хамзат харис хасан хачатур хачик хорен хосе хуан
хусейн цолак чарльз чингиз чингис шавкат шалва шамиль шамхал шарип шахин шерзод шерхан ширали шлойма шлома шмуэль шота
шукрулло шухрат эдвард эдвин эдем эдмонд эльбрус эльман эльмар эльнур эльчин эмануил эмомали энвер эндрю эрик эркин
эрнст эсен юзеф юлиуш юнус юрась юсиф юсуп юсуф ягуб якуб янка яраслав ярослав ясін яцек яцэк яшар ігар
"""
_FEMALE_NEIGHBOURS = """
аврелія агата агнесса агнешка адель аза айгерим айгуль айдана айжан айнур айнура айпери айсель айтен айша акбопе
акмарал аксана алена алеся алика алия алма алсу алтынай альмира альфия амаль анаида анаит анара ани анико ануш аревик
арзу ариана армине арпине асель асият асмик астхик аусра ая аягоз бажена базарай барбара бася батима бахар бахыт
бахытгуль беата бела белла бермет берта бибигуль бэлла ванда ванесса вардуи вафа венера виола вольга галія ганна
гаухар гаяне гаянэ гоар голда гражина гулбахор гулмира гулнора гульжан гульмира гульназ гульсина гульфия гульшат гуля
гунай гюзель гюльнара гюнай гюнель дайна дали дамира данагуль данута двойра дебора джамила джамиля джейн дженнет
джульетта дзяна дзіна дилноза дильбар дильноза дильфуза диляра динара дорота евдокия ежбета елжана жанар жанат жанетта
жанна жибек жулдыз забира заира залина зара зарема зарета заррина зебо зейнаб зельда земфира зиля зита зифа злата
зубайда зугра зульфира зумрат зухра ивона изольда илона ильмира ильсияр инара индира иоанна ирада ирена ирэна йолдыз
казимира камила камиля карине карлыгаш катажина кацярына кейт кетеван кетино комила кымбат ламара ламия лаура лейла
лейсан лела лена лея лиза лиля линара линда лира лусине людміла люсине люция ляйсан лямия ліля магда магдалена мадина
майра мака малгожата малика манана мане марал маргарет маргарыта марзия мариам мариана марыля марьям марьяна махлия
медея мелания мерей мехрибан мзия милена минара мириам мишель мохира мукаррам муслима мэри мээрим нана наргиз наргиза
нариман нарине наринэ насиба натаван наталля нателла натия нигора нигяр николь нино нуне нурай нургуль нурия нурсулу
нушик нэнси нюргуяна ніколь олжаса офелия пакизат парвана патима перизат рада разия ракия рамиля рахиль рахиля ревека
репсиме рима роксолана ромина рузанна рузиля румия рута руфина сабира сабрина саида салима салтанат самал самира санам
сания сара сарра сауле саша святлана севара севда севиль севиндж севинч седа сильва сима сирануш сирвард сона софико
софья стася стефания суламифь сулу суфия сьюзан сюзанна тамила тамрико таня татевик татьяна таццяна тацяна тереза
тинатин томирис тоня тоома турана туркан ульвия ульжан умида уршуля фарангиз фарида феруза фидан фидания фира фируза
фирюза фрося хава хадиджа хадижа халида хана ханум хатуна хая хеда хелен хилола христина цецилия ципора чинара чолпон
чулпан шарлотта шахло шахноза шахсенем ширин шушана шушаник эвелина эдита элеонора элис элисо эльвира эльжбета эльза
эльнара энн эстер эсфирь этери юлдуз ядвига ядзвіга яніна ярмила ясмина
"""
#: Short and pet names; kept as they are written.
_MALE_SHORT = """
алеша алик андрусь андрюха андрюша андрійко антосик антоша арсюша богданко бодя борька боря ванька ваньок ваня васек
василько вася виталик витя влад владик владко влодко вова вовка вовчик володька володя вітьок вітя гена гера геша
глебушка гоша гриць грицько гриша данила данька даня дема дениска дима димка димон диня дмитрик егорка егорушка емеля
жека жора жорик игорек илюха илюша кеша кирюша колька коля костик костя ладик лева левчик лень леня леха леша макс
максик марик матюша микитка миколка митя михасик михась миша мишка мишко назарко никитка олег олежик олекса олесик
олесь орестик павлик павлусь павлуша паша пашка петрик петрусь петька петя рома ромка ромко ромчик ростик русик савва
савка сашик сашко сева севка сема семка сеня сергійко серега сережа славик славко стас стасик степа степанко степка
тарасик тема темка тима тимка тимко тимоша толик толя федько федюня федя филя эдик юра юрась юрик юрка юрко юрочка
юрчик яремко ярик ясько яша іванко івасик івась івасько
"""
_FEMALE_SHORT = """
аленка аленушка алинка алка аллочка алька анечка анька анюта аня аська ася валечка варька варя верочка верунчик вика
викуся галинка галка галочка галя ганнуся ганя даринка даруся даша дашка дашуля динка дуня ева женечка зина зинка
зоряна зоська инка ира ириша иришка ирка ирочка катерина катруся катря катька катюша катя клава ксеня ксюха ксюша лара
лариска лена ленка леночка леся лида лидка лиза лизка лиля люба любаша любочка любця люда людка людочка люся лідуся
мар'янка мара маринка маришка маруся марьяша марійка марічка маша машенька машка милочка мотя муся надька надюша надя
настасья настена настуся настюша настя ната наталка наталочка наталя наташа наташка нелля нина нинка нюра нюша одарка
оксанка оленка олечка олька олюся оля орися параска парася полинка поля раечка рая рита ритка роксоляна романка света
светик светка светлана соломійка соля сонька соня софа софійка стефа стефця стеша сюзи танечка танька танюша таня тася
тата теся тома томка тося туся уля уляся устя фрося христинка христя шура элла эля юлечка юлька юльця юля юстина янка
яночка ярина ярка ясочка яся іринка іруся ївга
"""


def _ukrainian(names: frozenset[str]) -> frozenset[str]:
    """Return Russian spellings with their Ukrainian ones: Афанасий and Афанасій, Эдгар and Едгар, Ефим and Єфим."""
    spelt = (name.translate(_LETTERS) for name in names if not set(name) & set("іїєґ"))
    return names | {"є" + name[1:] if name.startswith("е") else name for name in spelt}


_LETTERS = str.maketrans({"и": "і", "э": "е", "ы": "и"})

UNISEX = frozenset(_UNISEX.split())
CYRILLIC_MALE = _ukrainian(frozenset(f"{_MALE_RU} {_MALE_UK} {_MALE_NEIGHBOURS} {_MALE_SHORT}".split())) - UNISEX
CYRILLIC_FEMALE = (
    _ukrainian(frozenset(f"{_FEMALE_RU} {_FEMALE_UK} {_FEMALE_NEIGHBOURS} {_FEMALE_SHORT}".split())) - UNISEX
)
USUAL_MALE = CYRILLIC_MALE.union(_MALE_EN.split()) - UNISEX
USUAL_FEMALE = CYRILLIC_FEMALE.union(_FEMALE_EN.split()) - UNISEX
#: With the longer lists.
MALE = _ukrainian(USUAL_MALE.union(given_names_cyrillic.MALE.split(), given_names_latin.MALE.split())) - UNISEX
FEMALE = _ukrainian(USUAL_FEMALE.union(given_names_cyrillic.FEMALE.split(), given_names_latin.FEMALE.split())) - UNISEX
IRREGULAR_PATRONYMICS = frozenset(_PATRONYMICS.split())
