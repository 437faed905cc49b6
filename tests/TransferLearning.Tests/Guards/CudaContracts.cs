using System.Reflection;
using TransferLearning.Instance;
using TransferLearning.Mapping;
using TransferLearning.SelfSupervision;
using TransferLearning.Tests.Support;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Guards;

/// <summary>Every method once on a CUDA device, against its own figures on the CPU in float64.</summary>
[Trait("Category", "Cuda")]
public sealed class CudaContracts : IDisposable
{
    private static readonly Type[] Exported = typeof(AdaptationBuilder).Assembly.GetExportedTypes();
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Type> Discrepancies() => [.. Defaults(typeof(IDiscrepancy))];

    public static TheoryData<Type> Weightings() =>
        [.. Defaults(typeof(IInstanceWeighting)).Except([typeof(CriticWeighting)])];

    public static TheoryData<Type> Mappings() => [.. Defaults(typeof(IFeatureMapping))];

    public static TheoryData<Type> Learners() => [.. Defaults(typeof(ILabelLearner))];

    [Theory]
    [MemberData(nameof(Discrepancies))]
    public void Discrepancy_OnCuda_IsTheCpus(Type type)
    {
        Compare(
            type,
            (source, target) =>
            {
                var (s, t) = (source.Inputs.detach().requires_grad_(), target.Inputs.detach().requires_grad_());
                var value = PlainMethods.Make<IDiscrepancy>(type).Between(s, t);
                return cat([value.reshape(1), .. autograd.grad([value], [s, t]).Select(slope => slope.reshape(-1))]);
            }
        );
    }

    [Theory]
    [MemberData(nameof(Weightings))]
    public void Weighting_OnCuda_IsTheCpus(Type type) =>
        Compare(
            type,
            (source, target) => PlainMethods.Make<IInstanceWeighting>(type).Weigh(source, target, FitContext.Seeded(1))
        );

    [Theory]
    [MemberData(nameof(Mappings))]
    public void Mapping_OnCuda_IsTheCpus(Type type) =>
        Compare(
            type,
            (source, target) =>
            {
                var map = PlainMethods
                    .Make<IFeatureMapping>(type)
                    .Fit(new DomainSet([source], target), FitContext.Seeded(1));
                // The sign of an axis is nobody's choice: distances leave it open.
                var mapped = cat([
                    map.For(DomainId.Source(0)).Extract(source.Inputs),
                    map.For(DomainId.Target).Extract(target.Inputs),
                ]);
                return cdist(mapped, mapped);
            }
        );

    [Theory]
    [MemberData(nameof(Learners))]
    public void Learner_OnCuda_IsTheCpus(Type type) =>
        Compare(type, (source, target) => PlainMethods.Make<ILabelLearner>(type).Fit(source).Predict(target.Inputs));

    public void Dispose() => scope.Dispose();

    private static void Compare(Type type, Func<LabeledDomain, UnlabeledDomain, Tensor> compute)
    {
        var device = OtherDevice.OrSkip();
        var (source, target) = Rows(type);
        var expected = compute(source, target);
        var there = new LabeledDomain(source.Inputs.to(device), source.Labels.to(device), space: source.Space);

        var actual = compute(there, new UnlabeledDomain(target.Inputs.to(device)));

        Assert.Equal(device.type, actual.device_type);
        var gap = (actual.cpu() - expected).abs().max().item<double>() / expected.abs().max().item<double>();
        OtherDevice.Note($"{type.Name} float64\t{gap:G3}");
        var allowed = IsIterated(type) ? 1e-3 : 1e-7;
        Assert.True(gap < allowed, $"differs by {gap:G3}, relative to the largest figure.");
    }

    // They end where their own tolerance is met, or train a network: rounding moves where that is. Measured: 2e-7 to
    // 8e-4.
    private static bool IsIterated(Type type) =>
        type == typeof(LinearDiscrepancyMinimization)
        || type == typeof(AutoencoderFeatures)
        || type == typeof(ImportanceWeightingNetwork)
        || type == typeof(NearestBrenierMap)
        || type == typeof(TransferSubspaceLearning);

    private static (LabeledDomain Source, UnlabeledDomain Target) Rows(Type type)
    {
        using var generator = new RandomKey(3).Generator();
        // Bases of batches ask for no more rows than features, components for more features than a few.
        var (rows, width) = type.Name.StartsWith("RepresentationSubspace", StringComparison.Ordinal)
            ? (20, 24)
            : (45, 24);
        var labels = arange(rows, dtype: int64).remainder(3);
        var centers = randn([3, width], dtype: float64, generator: generator) * 2;
        Tensor Cloud() => centers.index_select(0, labels) + randn([rows, width], dtype: float64, generator: generator);
        return (new LabeledDomain(Cloud(), labels), new UnlabeledDomain((Cloud() * 1.2) + 0.3));
    }

    private static IEnumerable<Type> Defaults(Type contract) =>
        Exported.Where(type => contract.IsAssignableFrom(type) && PlainMethods.Shortest(type) is not null);
}
