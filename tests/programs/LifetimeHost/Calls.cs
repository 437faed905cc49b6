using System.Reflection;
using System.Runtime.CompilerServices;
using TransferLearning.Mapping;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>Every public method that computes on tensors or domains, called by itself.</summary>
/// <remarks>
/// Methods are found by their arguments: whatever takes a tensor or a domain. The chains cover what a fit calls with a
/// step, a batch, a view or a state, and fits of builders. What a subspace objective prepares lives in the caller's
/// scope, as it says.
/// </remarks>
internal static class Calls
{
    private static readonly Type[] Computes =
    [
        typeof(Tensor),
        typeof(LabeledDomain),
        typeof(UnlabeledDomain),
        typeof(DomainSet),
        typeof(IReadOnlyList<LabeledDomain>),
    ];
    private static readonly Type[] Disposable =
    [
        typeof(Tensor),
        typeof(LabeledDomain),
        typeof(UnlabeledDomain),
        typeof(DomainSet),
    ];

    // They need labels of their kind, which models that are put together by hand have not; fits call them.
    private static readonly string[] OfFittedModels =
    [
        nameof(AdaptedModel.PredictClassNames),
        nameof(AdaptedModel.PredictLabels),
        nameof(AdaptedModel.PredictLabelNames),
    ];
    private static readonly Type[] OfFits =
    [
        typeof(StepContext),
        typeof(StepBatch),
        typeof(LabeledBatch),
        typeof(TrainingView),
        typeof(StateBag),
    ];

    public static IEnumerable<Run> All() => Whole().Concat(OfDisposed());

    private static IEnumerable<Run> Whole() =>
        from call in Methods()
        from isInScope in new[] { true, false }
        select new Run(
            $"{Name(call.Type, call.Method)}, {(isInScope ? "in a scope" : "in float64 without a scope")}",
            isInScope,
            set => Called(call.Type, call.Method, set, isInScope)
        );

    // Each tensor and each domain disposed, one at a time.
    private static IEnumerable<Run> OfDisposed() =>
        from call in Methods()
        from parameter in call.Method.GetParameters()
        where Disposable.Contains(parameter.ParameterType)
        select new Run(
            $"{Name(call.Type, call.Method)}, {parameter.Name} disposed",
            true,
            set => Refused(call.Type, call.Method, parameter, set)
        );

    /// <summary>What a method is called in reports.</summary>
    public static string Name(Type type, MethodInfo method) =>
        $"{type.Name}.{method.Name}({string.Join(", ", method.GetParameters().Select(it => it.Name))})";

    /// <summary>Every method that is called, and the type that it is called on.</summary>
    public static IEnumerable<(Type Type, MethodInfo Method)> Methods() =>
        from type in typeof(AdaptationBuilder).Assembly.GetExportedTypes()
        where type is { IsInterface: false, IsEnum: false } && !typeof(Delegate).IsAssignableFrom(type)
        from method in type.GetMethods(
            BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly
        )
        where !method.IsSpecialName && !method.IsGenericMethod && !method.IsDefined(typeof(CompilerGeneratedAttribute))
        where method.GetParameters().Any(parameter => Computes.Contains(parameter.ParameterType))
        where !method.GetParameters().Any(parameter => OfFits.Contains(parameter.ParameterType))
        where type != typeof(AdaptationBuilder) && !typeof(ISubspaceObjective).IsAssignableFrom(type)
        where method.IsStatic || Makers.CanMake(type)
        where !OfFittedModels.Contains(method.Name)
        select (type, method);

    private static Func<IEnumerable<string>> Called(Type type, MethodInfo method, Setting set, bool isInScope)
    {
        set.Type = isInScope ? ScalarType.Float32 : ScalarType.Float64;
        Chains.Shape(type, set);
        var on = method.IsStatic ? null : set.Described(Makers.Make(type, set));
        object?[] arguments = [.. method.GetParameters().Select(parameter => Arguments.Make(method, parameter, set))];
        return () =>
        {
            var scope = CurrentDisposeScope;
            var before = scope?.DisposablesCount ?? 0;
            object? result;
            try
            {
                result = method.Invoke(on, arguments);
            }
            catch (TargetInvocationException fault)
            {
                return
                [
                    $"{fault.InnerException!.GetType().Name}: {fault.InnerException.Message.ReplaceLineEndings(" ")}",
                ];
            }
            var tensors = Tensors(result, set).ToHashSet(ReferenceEqualityComparer.Instance).Count;
            var made = (scope?.DisposablesCount ?? 0) - before;
            Release(result, set);
            return scope is not null && made > tensors
                ? [$"{made} tensor(s) in the caller's scope for a result of {tensors}"]
                : [];
        };
    }

    private static Func<IEnumerable<string>> Refused(Type type, MethodInfo method, ParameterInfo lost, Setting set)
    {
        set.Type = ScalarType.Float32;
        Chains.Shape(type, set);
        var on = method.IsStatic ? null : set.Described(Makers.Make(type, set));
        object?[] arguments = [.. method.GetParameters().Select(parameter => Arguments.Make(method, parameter, set))];
        if (arguments[lost.Position] is not { } given)
        {
            return () => [];
        }
        arguments[lost.Position] = Disposed(given);
        return () =>
        {
            try
            {
                Release(method.Invoke(on, arguments), set);
                return []; // nobody looked at it
            }
            catch (TargetInvocationException fault)
            {
                // A domain names what is lost of it.
                return
                    fault.InnerException is ObjectDisposedException refusal
                    && (given is not Tensor || refusal.ObjectName == lost.Name)
                    ? []
                    :
                    [
                        $"{fault.InnerException!.GetType().Name}: "
                            + $"{fault.InnerException.Message.ReplaceLineEndings(" ")}",
                    ];
            }
        };
    }

    private static object Disposed(object given)
    {
        using var scope = NewDisposeScope();
        return given switch
        {
            Tensor tensor => tensor.clone(),
            LabeledDomain domain => domain.WithInputs(domain.Inputs.clone()),
            UnlabeledDomain domain => new UnlabeledDomain(domain.Inputs.clone()),
            DomainSet domains => new DomainSet(
                domains.Sources,
                new UnlabeledDomain(domains.Target.Inputs.clone()),
                domains.LabeledTarget
            ),
            _ => throw new ArgumentException($"no way to dispose a {given.GetType().Name}.", nameof(given)),
        };
    }

    // Of a method that makes a domain, its tensors are the result where they are not the caller's.
    private static IEnumerable<Tensor> Held(LabeledDomain domain, Setting set) =>
        new[] { domain.Inputs, domain.Labels, domain.Weights }.OfType<Tensor>().Where(tensor => !set.Keeps(tensor));

    private static IEnumerable<Tensor> Held(UnlabeledDomain domain, Setting set) =>
        new[] { domain.Inputs }.Where(tensor => !set.Keeps(tensor));

    private static IEnumerable<Tensor> Tensors(object? result, Setting set) =>
        result switch
        {
            Tensor tensor => [tensor],
            LabeledDomain domain => Held(domain, set),
            UnlabeledDomain domain => Held(domain, set),
            IEnumerable<Tensor> several => several,
            IEnumerable<LabeledDomain> domains => domains.SelectMany(domain => Held(domain, set)),
            ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Tensors(tuple[i], set)),
            _ => [],
        };

    private static void Release(object? result, Setting set)
    {
        switch (result)
        {
            case LabeledDomain domain:
                Held(domain, set).ToList().ForEach(one => one.Dispose());
                break;
            case UnlabeledDomain domain:
                Held(domain, set).ToList().ForEach(one => one.Dispose());
                break;
            case IEnumerable<LabeledDomain> domains:
                domains.SelectMany(domain => Held(domain, set)).ToList().ForEach(one => one.Dispose());
                break;
            case ITuple tuple:
                for (var i = 0; i < tuple.Length; i++)
                {
                    Release(tuple[i], set);
                }
                break;
            case IEnumerable<IDisposable> several:
                several.ToList().ForEach(one => one.Dispose());
                break;
            case IPart part:
                foreach (var made in part.WithInner().OfType<IDisposable>())
                {
                    made.Dispose();
                }
                break;
            default:
                (result as IDisposable)?.Dispose();
                break;
        }
    }
}
