using TransferLearning.Kernels;
using TransferLearning.Mapping;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Mapping;

/// <summary>Rows of different features, matched by the distances within each domain.</summary>
public sealed class GromovWassersteinMapTests(ITestOutputHelper output) : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    private static Tensor Narrow => FormulaRows.Target().narrow(1, 0, 2);

    // ot.gromov.gromov_wasserstein of Python Optimal Transport 0.8.2, distances divided by their largest.
    [Fact]
    public void Plan_OfDistancesAlone_IsThePeers()
    {
        var plan = new GromovWassersteinMap().Plan(FormulaRows.Source(), Narrow);

        Assert.Equal(0.030789243830286594, Structure(plan, FormulaRows.Source(), Narrow), 1e-9);
        Assert.Equal([6, 8, 1, 2, 4, 7, 0, 1, 3, 5, 7, 9, 10, 3], plan.argmax(1).data<long>().ToArray());
        Marginals(plan);
    }

    // ot.gromov.fused_gromov_wasserstein, alpha 0.4, costs divided by their largest.
    [Fact]
    public void FusedPlan_IsThePeers()
    {
        var (source, target) = (FormulaRows.Source(), FormulaRows.Target());
        var cost = SquaredDistances.Between(source, target);
        cost /= cost.max();

        var plan = new GromovTransport(0.4).Plan(
            new TransportProblem(cost) { SourceRows = source, TargetRows = target }
        );

        var value = (0.6 * (cost * plan).sum().item<double>()) + (0.4 * Structure(plan, source, target));
        Assert.Equal(0.09219675255721613, value, 1e-9);
        Assert.Equal([7, 9, 10, 4, 6, 8, 1, 2, 4, 7, 0, 1, 3, 5], plan.argmax(1).data<long>().ToArray());
        Marginals(plan);
    }

    // ot.gromov.entropic_gromov_wasserstein, to 1e-14.
    [Theory]
    [InlineData(0.05, 0.0434129708516808, 0.03088252627622609, 0.0014878631195230465)]
    [InlineData(0.02, 0.033242249599621077, 0.03379898380754003, 0.00013517364022850594)]
    public void EntropicPlan_IsThePeers(double regularization, double value, double first, double second)
    {
        var plan = Recipes.Gw(regularization).Plan(FormulaRows.Source(), Narrow);

        Assert.Equal(value, Structure(plan, FormulaRows.Source(), Narrow), 1e-7);
        Assert.Equal(first, plan[1, 0].item<double>(), 1e-6);
        Assert.Equal(second, plan[1, 1].item<double>(), 1e-6);
    }

    // ot.partial.partial_gromov_wasserstein, started from 0.7 times the product of the masses: its own start has all of
    // the mass.
    [Fact]
    public void PartialPlan_IsThePeers()
    {
        var plan = Recipes.Gw(massShare: 0.7).Plan(FormulaRows.Source(), Narrow);

        Assert.Equal(0.003770285723503112, Structure(plan, FormulaRows.Source(), Narrow), 1e-9);
        Assert.Equal(0.7, plan.sum().item<double>(), 1e-12);
        var sent = plan.sum(1);
        Assert.Equal(0.07142857142857142, sent[0].item<double>(), 1e-9);
        Assert.Equal(0, sent[1].item<double>(), 1e-9);
        Assert.Equal(0.019480519480519487, sent[5].item<double>(), 1e-9);
        Assert.Equal(0.018181818181818188, sent[8].item<double>(), 1e-9);
    }

    // By the definition: four loops over the pairs.
    [Fact]
    public void Plan_OfEitherKind_ReachesNoMoreThanItsStart()
    {
        foreach (var share in new[] { 1.0, 0.6 })
        {
            var plan = new GromovWassersteinMap { Solver = new() { Share = share } }.Plan(FormulaRows.Source(), Narrow);
            var start = full([14, 11], share / 14 / 11, float64);

            Assert.True(Loops(plan) < Loops(start) * 0.8);
            Assert.Equal(Loops(plan), Structure(plan, FormulaRows.Source(), Narrow), 1e-12);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(0.002, false)]
    public void Plan_OfTurnedWidenedAndMixedRows_FindsThemAgain(double regularization, bool squares)
    {
        var (source, order) = (Cloud(30), Order(30));
        var (turn, _) = linalg.qr(
            FormulaRows.Column(5, 1).add(FormulaRows.Column(5, 1.7).t()).sin().add(eye(5, dtype: float64))
        );
        var target = (source.matmul(turn.narrow(0, 0, 3)).index_select(0, order) * 7) - 40;
        var map = new GromovWassersteinMap
        {
            Solver = new() { Regularization = regularization, ComparesSquares = squares },
        };

        var plan = map.Plan(source, target);

        Assert.Equal(order.data<long>().ToArray(), plan.t().argmax(1).data<long>().ToArray());
        using var moved = map.Fit(source, target);
        using var back = map.FitInverse(source, target);
        if (regularization == 0)
        {
            Assert.True(moved.Extract(source).index_select(0, order).allclose(target, 1e-7, 1e-7));
            Assert.True(back.Extract(target).allclose(source.index_select(0, order), 1e-7, 1e-7));
        }
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.05, 1)]
    [InlineData(0, 0.7)]
    [InlineData(0.05, 0.7)]
    public void Plan_OfTurnedRows_IsTheSame(double regularization, double share)
    {
        var (turn, _) = linalg.qr(
            FormulaRows.Column(3, 1).add(FormulaRows.Column(3, 1.7).t()).sin().add(eye(3, dtype: float64))
        );
        var map = Recipes.Gw(regularization, share);

        var plan = map.Plan(FormulaRows.Source(), Narrow);
        var ofTurned = map.Plan((FormulaRows.Source().matmul(turn) * 3) + 5, Narrow);

        Assert.True(plan.allclose(ofTurned, 1e-6, 1e-7));
    }

    [Fact]
    public void PartialPlan_OfStrangersAmongTheRows_LeavesThemOut()
    {
        var (source, order) = (Cloud(30), Order(30));
        var target = source.narrow(1, 0, 3).index_select(0, order);
        var strangers = tensor(
            new[,]
            {
                { 4.0, -3, 5 },
                { -6, 1, 2 },
            }
        );
        var map = new GromovWassersteinMap
        {
            Solver = new() { Share = 30.0 / 32, NormalizesDistances = false },
        };

        var plan = map.Plan(cat([source, strangers]), cat([target, strangers * -1.7]));

        Assert.Equal(0, plan.narrow(0, 30, 2).sum().item<double>(), 1e-9);
        var found = plan.t().narrow(0, 0, 30).argmax(1).eq(order).sum().item<long>();
        Assert.InRange(found, 27, 30); // a local minimum may lie beside
        using var moved = map.Fit(cat([source, strangers]), cat([target, strangers * -1.7]));
        Assert.True(moved.Extract(strangers).abs().max().item<double>() < 6); // as their nearest row among the others
    }

    // A cloud that is its own mirror image: only classes tell how it lies.
    [Fact]
    public void Labels_OfAMirroredCloud_FollowTheFewKnownClasses()
    {
        using var generator = new RandomKey(4).Generator();
        var classes = arange(40, dtype: int64).remainder(2);
        var half = randn([20, 1], float64, generator: generator);
        var rows = stack([half + 5, -half - 5], 1).reshape(40, 1);
        var source = new LabeledDomain(rows, classes);
        foreach (var sign in new[] { 1, -1 })
        {
            var target = cat([rows * sign * 2, ones(40, 1, float64)], 1);
            var known = full(40, -1, int64);
            known.narrow(0, 0, 2).copy_(classes.narrow(0, 0, 2));
            var cost = GromovWassersteinMap.ClassCost(classes, known);
            Assert.Equal(40, cost.sum().item<double>());

            var labels = new GromovWassersteinMap { Solver = new(0.5) { Regularization = 0.01 } }.Labels(
                source,
                target,
                cost
            );

            Assert.True(labels.argmax(1).equal(classes).all().item<bool>());
            Assert.True(labels.sum(1).allclose(ones(40, float64)));
        }
    }

    // MNIST's 256 pixels to ten turned axes of USPS, 300 rows each: no feature is common. Clouds of other writers
    // differ in shape: distances alone tell little, and known rows by themselves tell more than the plan makes of them.
    [LongFact]
    public void Labels_FromPixelsToTurnedAxesOfOtherDigits_ComeByAFewKnownClasses()
    {
        var path = SharedData.File("digits", "mnist2000_usps1800_16x16.npz");
        Tensor Unit(string name)
        {
            var rows = NumpyBytes.Read(path, name).to(float64);
            return rows / rows.norm(1, keepdim: true);
        }
        using var generator = new RandomKey(1).Generator();
        var (ofMnist, ofUsps) = (
            randperm(2000, generator: generator).narrow(0, 0, 300),
            randperm(1800, generator: generator).narrow(0, 0, 300)
        );
        var usps = Unit("usps_x");
        var (_, axes) = linalg.eigh((usps - usps.mean([0L])).t().matmul(usps - usps.mean([0L])));
        var (turn, _) = linalg.qr(
            FormulaRows.Column(10, 1).add(FormulaRows.Column(10, 1.7).t()).sin().add(eye(10, dtype: float64))
        );
        var target = usps.matmul(axes.narrow(1, 246, 10)).matmul(turn).index_select(0, ofUsps);
        var classes = NumpyBytes.Read(path, "usps_y").to(int64).index_select(0, ofUsps);
        var source = new LabeledDomain(
            Unit("mnist_x").index_select(0, ofMnist),
            NumpyBytes.Read(path, "mnist_y").to(int64).index_select(0, ofMnist),
            space: LabelSpace.Classes(10)
        );
        double Read(Tensor labels) => labels.argmax(1).eq(classes).to(float64).mean().item<double>();

        var alone = Read(new GromovWassersteinMap().Labels(source, target));
        var known = full(300, -1, int64);
        for (var label = 0; label < 10; label++)
        {
            known.index_fill_(0, classes.eq(label).nonzero().squeeze(1).narrow(0, 0, 3), label);
        }
        using var cost = GromovWassersteinMap.ClassCost(source.Labels, known);
        var helped = Read(new GromovWassersteinMap { Solver = new(0.5) }.Labels(source, target, cost));
        var few = known.ge(0).nonzero().squeeze(1);
        var ofFew = new LabeledDomain(
            target.index_select(0, few),
            known.index_select(0, few),
            space: LabelSpace.Classes(10)
        );
        using var rule = (IDisposable)new Predictors.NearestNeighbor().Fit(ofFew);
        var byFew = Read(((ILabelPredictor)rule).Predict(target));

        output.WriteLine($"{100 * alone:F1}, {100 * helped:F1}; the known rows alone {100 * byFew:F1}");
        Assert.True(helped > alone + 0.15, $"{helped} after {alone}");
    }

    [Fact]
    public void Fit_OfFaultyInput_NamesTheArgument()
    {
        var map = new GromovWassersteinMap();
        var (rows, cost) = (FormulaRows.Source(), zeros([14, 11], float64));
        void Names(string name, Action act) => Assert.Equal(name, Assert.Throws<ArgumentException>(act).ParamName);
        Names("target", () => map.Fit(rows, Narrow.to(float32)));
        Names("cost", () => map.Fit(rows, Narrow, cost));
        Names("cost", () => Fused().Fit(rows, Narrow));
        Names("cost", () => Fused().Fit(rows, Narrow, cost.t()));
        Names("targetClasses", () => GromovWassersteinMap.ClassCost(arange(3), arange(3).to(float32)));
        Assert.Equal(
            "Share",
            Assert
                .Throws<ArgumentOutOfRangeException>(() =>
                    new GromovWassersteinMap { Solver = new() { Share = 0 } }.Fit(rows, Narrow)
                )
                .ParamName
        );
        Assert.Throws<InvalidOperationException>(() => new GromovTransport().Plan(new TransportProblem(cost)));
        static GromovWassersteinMap Fused() => new() { Solver = new(0.5) };
    }

    // Where features are the same, a plan is the fused one of OptimalTransport.
    [Fact]
    public void Chain_OfAStructureShareBelowOne_TakesDistancesAcrossTheDomains()
    {
        var (source, target) = (FormulaRows.Source(), FormulaRows.Target());
        var domain = new LabeledDomain(source, zeros(14, int64));
        using var fused = Recipes.Fgw(0.4).Fit(domain, target);

        var map = new GromovWassersteinMap { Solver = new(0.4) }.Fit(
            new DomainSet([domain], new UnlabeledDomain(target)),
            new FitContext()
        );

        Assert.True(map.For(DomainId.Source(0)).Extract(source).allclose(fused.Extract(source), 1e-9, 1e-9));
        Assert.Equal(target, map.For(DomainId.Target).Extract(target));
    }

    public void Dispose() => scope.Dispose();

    private static double Structure(Tensor plan, Tensor source, Tensor target)
    {
        var (d, e) = (Distances(source), Distances(target));
        var tensor =
            d.square().matmul(plan.sum(1)).unsqueeze(1)
            + e.square().matmul(plan.sum(dim: 0))
            - (d.matmul(plan).matmul(e) * 2);
        return (tensor * plan).sum().item<double>();
    }

    private static double Loops(Tensor plan)
    {
        var (d, e) = (Distances(FormulaRows.Source()), Distances(Narrow));
        var differences = (d.reshape(14, 1, 14, 1) - e.reshape(1, 11, 1, 11)).square();
        return (differences * plan.reshape(14, 11, 1, 1) * plan).sum().item<double>();
    }

    private static Tensor Distances(Tensor rows)
    {
        var distances = cdist(rows, rows);
        return distances / distances.max();
    }

    private static void Marginals(Tensor plan)
    {
        Assert.True(plan.sum(1).allclose(full(14, 1.0 / 14, float64), 1e-9, 1e-12));
        Assert.True(plan.sum(dim: 0).allclose(full(11, 1.0 / 11, float64), 1e-9, 1e-12));
    }

    private static Tensor Cloud(long rows)
    {
        using var generator = new RandomKey(2).Generator();
        return randn([rows, 3], float64, generator: generator) * tensor(new[] { 1.0, 2, 0.5 });
    }

    private static Tensor Order(long count) => ((arange(count, dtype: int64) * 7) + 1).remainder(count);
}
