using System.Reflection;
using System.Reflection.Emit;

namespace Contracts.Tests;

/// <summary>What compiled methods call, and where they loop.</summary>
internal static class CompiledCode
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Static
        | BindingFlags.Instance
        | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>Every method and constructor of an assembly, those that the compiler made included.</summary>
    public static IEnumerable<MethodBase> Methods(Assembly assembly) =>
        assembly
            .GetTypes()
            .SelectMany(type => type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)));

    /// <summary>Every method that stands behind a call, a new object or a delegate in a method's code.</summary>
    public static IEnumerable<MethodBase> Called(MethodBase method) => Called(method, 0, int.MaxValue);

    /// <summary>
    /// What the loops in a method call, loop by loop: what stands between a branch back and its goal.
    /// </summary>
    public static IEnumerable<IReadOnlyList<MethodBase>> Loops(MethodBase method) =>
        from instruction in Instructions(method)
        where
            instruction.Code.OperandType is OperandType.ShortInlineBrTarget or OperandType.InlineBrTarget
            && instruction.Operand <= instruction.Offset
        select (IReadOnlyList<MethodBase>)[.. Called(method, instruction.Operand, instruction.Offset)];

    /// <summary>
    /// Whether a method stands for one of TorchSharp's and keeps its numbers alive; every package that computes has its
    /// own.
    /// </summary>
    public static bool IsTwin(MethodBase method) =>
        string.Equals(
            method.DeclaringType?.FullName,
            "TransferLearning.Internal.LivingScalars",
            StringComparison.Ordinal
        );

    private static IEnumerable<MethodBase> Called(MethodBase method, int first, int last) =>
        from instruction in Instructions(method)
        where
            instruction.Code.OperandType == OperandType.InlineMethod
            && instruction.Offset >= first
            && instruction.Offset <= last
        let called = Resolved(method, instruction.Operand)
        where called is not null
        select called;

    private static IEnumerable<(int Offset, OpCode Code, int Operand)> Instructions(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var i = 0; i < code.Length; )
        {
            var offset = i;
            var opcode = Codes[code[i] == 0xFE ? (short)((code[i++] << 8) | code[i++]) : code[i++]];
            var length = Length(opcode, code, i);
            var end = i + length;
            var operand = opcode.OperandType switch
            {
                OperandType.ShortInlineBrTarget => end + (sbyte)code[i],
                OperandType.InlineBrTarget => end + BitConverter.ToInt32(code, i),
                OperandType.InlineMethod => BitConverter.ToInt32(code, i),
                _ => 0,
            };
            yield return (offset, opcode, operand);
            i = end;
        }
    }

    private static int Length(OpCode opcode, byte[] code, int at) =>
        opcode.OperandType switch
        {
            OperandType.InlineNone => 0,
            OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
            OperandType.InlineVar => 2,
            OperandType.InlineI8 or OperandType.InlineR => 8,
            OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
            _ => 4,
        };

    private static MethodBase? Resolved(MethodBase method, int token) =>
        method.Module.ResolveMethod(
            token,
            method.DeclaringType!.GetGenericArguments(),
            method.IsGenericMethod ? method.GetGenericArguments() : null
        );
}
