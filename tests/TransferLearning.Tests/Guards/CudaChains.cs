using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using MathNet.Numerics.LinearAlgebra;
using TransferLearning.Tests.LifetimeHost;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Guards;

/// <summary>
/// Every method, hook, transform and recipe in its smallest chain, and every public method that computes, on a CUDA
/// device against their own figures on the CPU.
/// </summary>
[Trait("Category", "Cuda")]
public sealed class CudaChains : IDisposable
{
    // What rounding alone moves further: inputs that differ by 1e-15 of themselves move these on the CPU as far. They
    // iterate without a unique end, or their figures have noise in the denominator.
    private static readonly Dictionary<string, double> Sensitive = new(StringComparer.Ordinal)
    {
        ["AutoencoderFeatures"] = 1e-2,
        ["ClusterSilhouette"] = 1e-6,
        ["ConditionalLocationScale"] = 1e-4,
        ["DomainInvariantPartialLeastSquares"] = double.PositiveInfinity, // components past an exact fit, here
        ["GradualSelfTraining"] = double.PositiveInfinity, // a pseudo-label that turns over turns the others
        ["JointGeometricalAndStatisticalAlignment"] = 1e-2,
        ["LinearDiscrepancyMinimization"] = 1e-4,
        ["LocalityPreservation"] = 1e-4,
        ["NearestBrenierMap"] = 1e-4,
        ["PrincipalVariance"] = double.PositiveInfinity,
        ["ProgressiveReplacement"] = double.PositiveInfinity, // likewise
        ["Recipes.StochNorm"] = double.PositiveInfinity, // draws, on each kind of device otherwise
        ["RepresentationSubspaceDistance"] = 1e-2, // steep where singular values nearly coincide
        ["Recipes.Rsd"] = 1e-2,
        ["StochasticClassifier"] = double.PositiveInfinity, // draws anew, on each kind of device otherwise
        ["TransferJointMatching"] = double.PositiveInfinity,
    };

    private static readonly Dictionary<string, Chain> ByName = Chains
        .All()
        .ToDictionary(chain => chain.Name, StringComparer.Ordinal);
    private static readonly Dictionary<string, (Type Type, MethodInfo Method)> Methods = Calls
        .Methods()
        .DistinctBy(call => Calls.Name(call.Type, call.Method))
        .ToDictionary(call => Calls.Name(call.Type, call.Method), StringComparer.Ordinal);

    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> ChainNames() => OtherDevice.Rows(ByName.Keys);

    public static TheoryData<string> MethodNames() => OtherDevice.Rows(Methods.Keys);

    [Theory]
    [MemberData(nameof(ChainNames))]
    public void Chain_InFloat64OnCuda_PredictsAsOnTheCpu(string name)
    {
        var there = OtherDevice.OrSkip();

        var (expected, isNetwork) = Predicted(name, CPU, float64);
        var (actual, _) = Predicted(name, there, float64, isThere: true);

        Compare($"{name} float64", expected, actual, isNetwork ? 1e-9 : 1e-7);
    }

    [Theory]
    [MemberData(nameof(ChainNames))]
    public void Chain_InFloat32OnCuda_PredictsAsOnTheCpu(string name)
    {
        var there = OtherDevice.OrSkip();

        var (expected, _) = Predicted(name, CPU, float32);
        var (actual, _) = Predicted(name, there, float32, isThere: true);

        Compare($"{name} float32", expected, actual, 1e-4);
    }

    [Theory]
    [MemberData(nameof(MethodNames))]
    public void Method_InFloat64OnCuda_GivesTheCpusFigures(string name)
    {
        var there = OtherDevice.OrSkip();

        var expected = Called(name, CPU);
        var actual = Called(name, there, isThere: true);

        Assert.Equal(expected.Length, actual.Length);
        Assert.SkipWhen(expected.Length == 0, "gives no numbers.");
        Compare(name, tensor(expected), tensor(actual), 1e-9);
    }

    public void Dispose() => scope.Dispose();

    private static void Compare(string name, Tensor expected, Tensor actual, double allowed)
    {
        Assert.Equal(expected.shape, actual.shape);
        var method = name.Split(' ')[0];
        if (Sensitive.TryGetValue(method, out var own) || Sensitive.TryGetValue(method.Split('.')[0], out own))
        {
            allowed = Math.Max(allowed, own);
        }
        // What is no number on the CPU is none there either.
        var gaps = (actual - expected).abs().nan_to_num(0);
        var size = Math.Max(expected.nan_to_num(0, 0, 0).abs().max().item<double>(), 1e-30);
        var gap = gaps.max().item<double>() / size;
        OtherDevice.Note($"{name}\t{gap:G3}");

        Assert.Equal(expected.isnan().sum().item<long>(), actual.isnan().sum().item<long>());
        Assert.True(gap < allowed, $"differs by {gap:G3}, relative to the largest figure.");
    }

    // A fit from inputs on the CPU, as users have it.
    private static (Tensor Scores, bool IsNetwork) Predicted(
        string name,
        Device device,
        ScalarType type,
        bool isThere = false
    )
    {
        var chain = ByName[name];
        using var set = new Setting
        {
            Type = type,
            HasDropout = false,
            IsOfFullRank = true,
            Noise = isThere ? OtherDevice.Noise : 0,
        };
        chain.Shape(set);
        Toy.SeedModules(3);
        var builder = chain.Build(set);
        var (target, options) = (set.Target(), set.Options());
        options = options with
        {
            Device = device,
            Training = options.Training with { Optimizer = parameters => optim.SGD(parameters, 0.01, momentum: 0.9) },
        };
        using var model = builder.FitFewShot(set.Sources(), target, set.Few(), options);
        using var scores = model.Predict(target.Inputs);
        var isNetwork = model.Predictor.WithInner().Any(part => part is ITrainable);
        set.DisposeDescriptions();
        return (scores.to(float64).reshape(-1).DetachFromDisposeScope(), isNetwork);
    }

    private static double[] Called(string name, Device device, bool isThere = false)
    {
        var (type, method) = Methods[name];
        using var set = new Setting
        {
            Type = ScalarType.Float64,
            HasDropout = false,
            IsOfFullRank = true,
            Noise = isThere ? OtherDevice.Noise : 0,
            Device = device,
        };
        Chains.Shape(type, set);
        Toy.SeedModules(3);
        var on = method.IsStatic ? null : Makers.Make(type, set);
        var result = method.Invoke(on, [.. method.GetParameters().Select(asked => Arguments.Make(method, asked, set))]);
        return [.. Numbers(result, set, depth: 0)];
    }

    // The numbers that a result consists of; what maps or predicts is asked for those of some rows.
    private static IEnumerable<double> Numbers(object? result, Setting set, int depth) =>
        result switch
        {
            null or string or Delegate or nn.Module => [],
            Tensor tensor => tensor.detach().cpu().to(float64).reshape(-1).data<double>().ToArray(),
            bool flag => [flag ? 1 : 0],
            double or float or int or long => [Convert.ToDouble(result, null)],
            ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Numbers(tuple[i], set, depth + 1)),
            LabeledDomain domain => new[] { domain.Inputs, domain.Labels, domain.Weights }.SelectMany(tensor =>
                Numbers(tensor, set, depth + 1)
            ),
            AdaptedModel model => Numbers(model.Predict(set.Target().Inputs), set, depth + 1),
            IFeatureExtractor map => Numbers(Products(map, set.Target().Inputs), set, depth + 1),
            ILabelPredictor predictor => Numbers(predictor.Predict(set.Target().Inputs), set, depth + 1),
            IEnumerable several => several.Cast<object?>().SelectMany(one => Numbers(one, set, depth + 1)),
            _ when depth < 3 && result.GetType().Assembly == typeof(AdaptationBuilder).Assembly => result
                .GetType()
                .GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.GetIndexParameters().Length == 0)
                .SelectMany(property => Numbers(property.GetValue(result), set, depth + 1)),
            _ => [],
        };

    // Inner products of the mapped rows: the signs of components are whatever the device's solver gives.
    private static Tensor Products(IFeatureExtractor map, Tensor rows)
    {
        var mapped = map.For(DomainId.Target).Extract(rows).reshape(rows.shape[0], -1);
        return mapped.matmul(mapped.t());
    }
}
